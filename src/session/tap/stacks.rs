//! What the HTTP clients of each stack need to trust an authority and to come to the
//! server tap, and by which name they go.
//!
//! As measured with the clients themselves; for those marked so, as their manuals say.
//! Never a setting's value.

/// The clients of one stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    /// The clients, as their users call them.
    pub name: &'static str,
    /// Begins of the user agents that they give themselves.
    pub agents: &'static [&'static str],
    /// What makes them trust the authority of a run.
    pub trust: &'static str,
}

/// Every stack that is known.
pub const STACKS: &[Stack] = &[
    Stack {
        name: "Python requests and Meta's Python SDK",
        agents: &["python-requests", "fbbizsdk-python"],
        trust: "REQUESTS_CA_BUNDLE",
    },
    Stack {
        name: "Python httpx, urllib3 and aiohttp",
        agents: &["python-httpx", "python-urllib3", "Python/", "Python-urllib"],
        trust: "SSL_CERT_FILE",
    },
    Stack {
        name: "Node (axios, fetch, undici, https, Meta's Node SDK)",
        agents: &["axios", "node", "undici", "fbbizsdk-nodejs"],
        trust: "NODE_EXTRA_CA_CERTS",
    },
    // Read: PHP manual, runtime configuration of cURL and OpenSSL.
    Stack {
        name: "PHP (cURL, Guzzle, Meta's PHP SDK)",
        agents: &["GuzzleHttp", "PHP", "fbbizsdk-php"],
        trust: "curl.cainfo and openssl.cafile in php.ini, or PHP_INI_SCAN_DIR",
    },
    // Read: Java Secure Socket Extension reference guide.
    Stack {
        name: "Java",
        agents: &["Java", "Apache-HttpClient", "okhttp"],
        trust: "-Djavax.net.ssl.trustStore in JAVA_TOOL_OPTIONS",
    },
    // Read: Ruby, OpenSSL::X509::Store.
    Stack { name: "Ruby", agents: &["Ruby", "Faraday"], trust: "SSL_CERT_FILE" },
    // Read: Go, package crypto/x509.
    Stack { name: "Go", agents: &["Go-http-client"], trust: "SSL_CERT_FILE" },
    Stack { name: "curl", agents: &["curl"], trust: "CURL_CA_BUNDLE" },
];

/// As much of a user agent as a message quotes.
const LONGEST_AGENT: usize = 60;

/// What a client that goes by this name, or one that gave none, has to be told.
pub(super) fn advice(agent: Option<&str>) -> String {
    let known = agent.and_then(|agent| {
        let begins = |stack: &&Stack| stack.agents.iter().any(|begin| agent.starts_with(begin));
        STACKS.iter().find(begins).map(|stack| (agent, stack))
    });
    match known {
        Some((agent, stack)) => {
            let agent: String = agent.chars().take(LONGEST_AGENT).collect();
            format!("it calls itself {agent}: give it the run's certificate by {}", stack.trust)
        }
        None => {
            let each: Vec<String> =
                STACKS.iter().map(|stack| format!("{}: {}", stack.name, stack.trust)).collect();
            format!("give it the run's certificate; by stack: {}", each.join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_told_of_its_own_variable_and_an_unknown_one_of_all() {
        let go = advice(Some("Go-http-client/1.1"));
        assert!(go.contains("SSL_CERT_FILE") && !go.contains("NODE_EXTRA_CA_CERTS"), "{go}");
        for agent in [None, Some("SomethingElse/2")] {
            let all = advice(agent);
            assert!(STACKS.iter().all(|stack| all.contains(stack.trust)), "{all}");
        }
    }

    #[test]
    fn no_agent_begins_like_one_of_another_stack() {
        for (at, stack) in STACKS.iter().enumerate() {
            for agent in stack.agents {
                let found = STACKS
                    .iter()
                    .position(|other| other.agents.iter().any(|begin| agent.starts_with(begin)));
                assert_eq!(found, Some(at), "{agent}");
            }
        }
    }
}
