//! `countonce listen` as a process: its doors, its live lines, its report, and the preloads
//! that lead clients without proxy support to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::demo::report;

/// A listening program and what it has said so far.
pub struct Listening {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStderr>>,
    pub said: String,
}

impl Listening {
    pub fn start(folder: &Path, words: &[&str]) -> Listening {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countonce"))
            .arg("listen")
            .args(words)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let mut listening = Listening { child, lines, said: String::new() };
        listening.until("Listening;");
        listening
    }

    /// Reads on until a line holds the text, and hands that line back.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> String {
        for line in self.lines.by_ref() {
            let line = line.expect("text");
            self.said.push_str(&line);
            self.said.push('\n');
            if line.contains(text) {
                return line;
            }
        }
        panic!("no `{text}` in:\n{}", self.said);
    }

    /// What stands between a text and the next blank on a line that was said.
    #[track_caller]
    fn after(&self, text: &str) -> &str {
        let (_, rest) = self.said.split_once(text).expect("it was said");
        rest.split_whitespace().next().expect("a word")
    }

    /// What an exported variable was set to.
    fn exported(&self, name: &str) -> String {
        let (_, rest) = self.said.split_once(&format!("export {name}='")).expect("exported");
        rest.split('\'').next().expect("a value").to_owned()
    }

    /// Ends it as a user would; the exit code and standard output.
    pub fn stop(mut self) -> (i32, String) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGINT).expect("told");
        for line in self.lines.by_ref() {
            self.said.push_str(&line.expect("text"));
        }
        let mut out = String::new();
        self.child.stdout.take().expect("piped").read_to_string(&mut out).expect("text");
        (self.child.wait().expect("ended").code().expect("by itself"), out)
    }
}

/// An event as a server sends it, at this time.
pub fn event(name: &str, id: &str) -> String {
    let now = jiff::Timestamp::now().as_second();
    format!(
        r#"{{"data":[{{"event_name":"{name}","event_time":{now},"event_id":"{id}","action_source":"website","event_source_url":"https://shop.test/thanks","user_data":{{"client_ip_address":"73.1.2.3","client_user_agent":"Mozilla/5.0 (X11; Linux x86_64)","fbp":"fb.1.1795394400000.123456789"}},"custom_data":{{"value":42.0,"currency":"USD","content_type":"product","content_ids":["a"]}}}}],"access_token":"EAATOKEN"}}"#
    )
}

fn send(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connects");
    let length = body.len();
    write!(stream, "{head}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}")
        .expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    // The answer to a hit is a picture.
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn both_sides_of_an_action_are_shown_as_they_come_and_judged_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["--ca-out", "ca.pem", "--stack", "go,curl"];
    let mut listening = Listening::start(folder.path(), &words);
    let base = listening.after("base URL http://").to_owned();
    let proxy = listening.after("Browser tap: proxy ").to_owned();
    assert!(listening.said.contains("Go: net/http") && !listening.said.contains("Java"));
    let ca = std::fs::read_to_string(folder.path().join("ca.pem")).expect("a certificate");
    let bundle = std::fs::read_to_string(folder.path().join("ca-bundle.pem")).expect("a bundle");
    assert!(bundle.starts_with(&ca) && !ca.contains("PRIVATE"));

    let hit = "http://www.facebook.com/tr/?id=1234567890123456&ev=Purchase&dl=https%3A%2F%2Fshop.test%2Fthanks&eid=order-1&fbp=fb.1.1795394400000.123456789&cd[value]=42&cd[currency]=USD&cd[content_type]=product&cd[content_ids]=%5B%22a%22%5D";
    let head = format!(
        "GET {hit} HTTP/1.1\r\nHost: www.facebook.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    );
    assert!(send(&proxy, &head, "").starts_with("HTTP/1.1 200"));
    let line = listening.until("Purchase");
    assert!(line.contains("browser") && line.contains("b ✓ s · alone"), "{line}");
    let head = format!(
        "POST /v25.0/1234567890123456/events HTTP/1.1\r\nHost: {base}\r\nContent-Type: application/json\r\n"
    );
    let answer = send(&base, &head, &event("Purchase", "order-1"));
    assert!(answer.contains("events_received"), "{answer}");
    let line = listening.until("Purchase");
    assert!(line.contains("server") && line.contains("b ✓ s ✓ paired"), "{line}");

    let (code, out) = listening.stop();
    let told = report(folder.path());
    let purchase = told["events"].as_array().expect("a list").iter();
    let purchase = purchase.clone().find(|of| of["event"] == "Purchase").expect("caught");
    assert_eq!(purchase["paired"], 1, "{out}");
    assert_eq!(code, i32::from(told["verdict"] == "failed"), "{out}");
    let tape = folder.path().join("reports/latest/tape.jsonl");
    assert!(!std::fs::read_to_string(tape).expect("a tape").contains("EAATOKEN"));
}

#[test]
fn listening_that_caught_nothing_is_no_success() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, out) = Listening::start(folder.path(), &["--stack", "curl"]).stop();
    assert_eq!(code, 3, "{out}");
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port().to_string();
    for flag in ["--port", "--tls-port", "--browser-port"] {
        let said = crate::cli::countonce(folder.path(), &["listen", flag, &port]);
        assert_eq!(said.code, 3, "{}", said.err);
        assert!(said.err.contains(&port) && said.err.contains("another"), "{}", said.err);
    }
}

/// True where a program is there; else a visible skip, or a failure where it is required.
fn has(program: &str) -> bool {
    let there = Command::new(program).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !there {
        assert!(std::env::var_os("COUNTONCE_REQUIRE_BROWSER").is_none(), "{program} is missing");
        eprintln!("skipped: {program} is missing");
    }
    there
}

/// Runs a client with nothing but the preload's variables, and awaits its event.
#[track_caller]
fn led(stack: &str, preload: &str, program: &str, script: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut listening = Listening::start(folder.path(), &["--stack", stack]);
    let mut client = Command::new(program);
    for name in [preload, "COUNTONCE_HOSTS", "COUNTONCE_TLS_DOOR", "COUNTONCE_CA_FILE"] {
        client.env(name, listening.exported(name));
    }
    for name in ["HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        client.env_remove(name);
    }
    let said = client.args([if stack == "node" { "-e" } else { "-c" }, script]);
    let said = said.env("BODY", event("Lead", "lead-1")).output().expect("runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(out.contains("events_received") && out.contains("localhost 127.0.0.1"), "{out}");
    let line = listening.until("Lead");
    assert!(line.contains("lead-1") && line.contains("server"), "{line}");
    listening.stop();
}

#[test]
fn the_preload_leads_pythons_own_client_and_leaves_other_hosts_alone() {
    const SCRIPT: &str = r#"
import os, socket, ssl, urllib.request
# A client with a list of authorities of its own, as Meta's SDK has.
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(cafile=ssl.get_default_verify_paths().cafile)
url = "https://graph.facebook.com/v25.0/1234567890123456/events"
request = urllib.request.Request(url, os.environ["BODY"].encode(), {"content-type": "application/json"})
print(urllib.request.urlopen(request, context=context).read())
print("localhost", socket.getaddrinfo("localhost", 443, socket.AF_INET)[0][4][0])
assert socket.getaddrinfo("127.0.0.1", 443)[0][4][1] == 443
"#;
    if has("python3") {
        led("python", "PYTHONPATH", "python3", SCRIPT);
    }
}

#[test]
fn the_preload_leads_nodes_fetch_and_https_and_leaves_other_hosts_alone() {
    const SCRIPT: &str = r"
const https = require('node:https');
const url = 'https://graph.facebook.com/v25.0/1234567890123456/events';
const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
const agent = new https.Agent({ ca: require('node:tls').rootCertificates });
(async () => {
  // Without NODE_EXTRA_CA_CERTS only a client with a list of its own is made to trust.
  const text = await new Promise((done, failed) => {
    https.request(url, { ...init, agent }, (answer) => {
      answer.setEncoding('utf8').on('data', done);
    }).on('error', failed).end(process.env.BODY);
  });
  console.log(text);
  const refused = await fetch(url, { ...init, body: process.env.BODY }).catch((error) => error.cause.code);
  if (!/CERT|SIGNATURE/.test(String(refused))) throw new Error(`fetch went elsewhere: ${refused}`);
  console.log('localhost', (await require('node:dns').promises.lookup('localhost', 4)).address);
})();
";
    if has("node") {
        led("node", "NODE_OPTIONS", "node", SCRIPT);
    }
}

/// A client with its own list of authorities: the handshake ends in an alert.
const DISTRUSTING: &str = r#"
import os, socket, ssl
host, port = os.environ["DOOR"].rsplit(":", 1)
context = ssl.create_default_context()
with socket.create_connection((host, int(port))) as stream:
    try:
        context.wrap_socket(stream, server_hostname="graph.facebook.com")
    except ssl.SSLError as error:
        print("refused", error.reason)
"#;

#[test]
fn a_client_that_refuses_the_certificate_is_named_in_the_finding_with_its_variable() {
    if !has("python3") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut listening = Listening::start(folder.path(), &["--stack", "curl"]);
    let door = listening.after("TLS door ").to_owned();
    let said = Command::new("python3")
        .args(["-c", DISTRUSTING])
        .env("DOOR", door)
        .env_remove("SSL_CERT_FILE")
        .output()
        .expect("runs");
    assert!(String::from_utf8_lossy(&said.stdout).contains("refused"), "{said:?}");
    let line = listening.until("refused the tap's certificate");
    assert!(line.contains("graph.facebook.com") && line.contains("REQUESTS_CA_BUNDLE"), "{line}");

    let proxy = listening.after("Browser tap: proxy ").to_owned();
    let head = "GET http://www.facebook.com/tr/?id=1234567890123456&ev=Lead&dl=https%3A%2F%2Fshop.test%2F&eid=lead-1 HTTP/1.1\r\nHost: www.facebook.com\r\n";
    assert!(send(&proxy, head, "").starts_with("HTTP/1.1 200"));
    listening.until("lead-1");
    let (code, out) = listening.stop();
    assert_eq!(code, 1, "{out}");
    let told = report(folder.path());
    let findings = told["findings"].as_array().expect("a list");
    let missing = findings.iter().find(|found| found["rule"] == "missing-server-event");
    let message = missing.expect("found")["message"].as_str().expect("text").to_owned();
    assert!(
        message.contains("NODE_EXTRA_CA_CERTS") && message.contains("SSL_CERT_FILE"),
        "{message}"
    );
}
