//! Sites as processes: small programs of the shell and of Python.

use std::collections::BTreeMap;
use std::fs;

use super::super::tap::Authority;
use super::*;

struct Bench {
    folder: tempfile::TempDir,
    doors: Doors,
}

impl Bench {
    fn new() -> Bench {
        let authority = Authority::new().expect("made");
        let doors = Doors {
            base_url: "http://127.0.0.1:9".to_owned(),
            proxy_url: "http://127.0.0.1:9".to_owned(),
            tls: Some("127.0.0.1:9".to_owned()),
            hosts: vec!["graph.example.com".to_owned()],
            authority: authority.pem().to_owned(),
        };
        Bench { folder: tempfile::tempdir().expect("a folder"), doors }
    }

    async fn start(
        &self,
        script: &str,
        ready: Option<&str>,
        url: &str,
        patience: Duration,
    ) -> Result<SiteProcess, SiteError> {
        let command = SiteCommand {
            words: ["sh", "-c", script].map(str::to_owned).to_vec(),
            folder: None,
            ready: ready.map(str::to_owned),
            environment: BTreeMap::new(),
        };
        let order = SiteOrder {
            command: &command,
            base: self.folder.path(),
            url,
            patience,
            doors: &self.doors,
            log: &self.folder.path().join(LOG),
        };
        SiteProcess::start(order).await
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join(LOG)).expect("a log")
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
const NOWHERE: &str = "http://127.0.0.1:0";

#[tokio::test]
async fn a_command_that_fails_is_quoted_with_its_status() {
    let bench = Bench::new();
    let script = "echo booting; echo 'no module named shop, ask ann@example.com' >&2; exit 7";
    let error = bench.start(script, None, NOWHERE, PATIENCE).await.err().expect("fails");
    let text = error.to_string();
    assert!(text.contains("exit status: 7") && text.contains("| booting"), "{text}");
    assert!(text.contains("| no module named shop"), "{text}");
    assert!(!text.contains("ann@") && !bench.log().contains("ann@"), "{text}");
}

#[tokio::test]
async fn a_command_that_is_not_there_says_so() {
    let bench = Bench::new();
    let words = vec!["no-such-program-of-ours".to_owned()];
    let command = SiteCommand { words, folder: None, ready: None, environment: BTreeMap::new() };
    let log = bench.folder.path().join(LOG);
    let order = |command, url| SiteOrder {
        command,
        base: bench.folder.path(),
        url,
        patience: PATIENCE,
        doors: &bench.doors,
        log: &log,
    };
    let error = SiteProcess::start(order(&command, NOWHERE)).await.err().expect("fails");
    assert!(matches!(error, SiteError::Start { .. }), "{error}");
    let elsewhere = SiteCommand { folder: Some("not-there".into()), ..command.clone() };
    let error = SiteProcess::start(order(&elsewhere, NOWHERE)).await.err().expect("fails");
    assert!(error.to_string().contains("not-there is not there"), "{error}");
    let error = SiteProcess::start(order(&command, "demo")).await.err().expect("fails");
    assert!(matches!(error, SiteError::Address { .. }), "{error}");
}

#[tokio::test]
async fn a_site_that_never_gets_ready_is_given_up_with_its_last_lines() {
    let bench = Bench::new();
    let soon = Duration::from_millis(700);
    let script = "echo waiting for the database; sleep 100";
    let error = bench.start(script, None, NOWHERE, soon).await.err().expect("fails");
    let text = error.to_string();
    assert!(text.contains("did not answer") && text.contains("| waiting for the data"), "{text}");
    let line = bench.start(script, Some("output:Booted"), NOWHERE, soon).await.err();
    let text = line.expect("fails").to_string();
    assert!(text.contains("no line with `Booted`"), "{text}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let bench = Bench::new();
    let other = TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("http://{}/", other.local_addr().expect("bound"));
    let error = bench.start("sleep 100", None, &url, PATIENCE).await.err().expect("taken");
    assert!(error.to_string().contains(&url[7..url.len() - 1]), "{error}");
}

#[tokio::test]
async fn a_site_gets_its_port_and_its_variables_and_leaves_nothing_behind() {
    let bench = Bench::new();
    let script = "echo port $PORT graph $COUNTONCE_GRAPH_URL; echo bundle $SSL_CERT_FILE; \
        sleep 100 & echo up; trap 'echo flushed; exit 0' TERM; wait";
    let site = bench.start(script, Some("output: up"), NOWHERE, PATIENCE).await.expect("starts");
    let port = url::Url::parse(site.url()).expect("an address").port().expect("a port");
    assert_ne!(port, 0);
    let log = bench.log();
    assert!(log.contains(&format!("port {port} graph http://127.0.0.1:9\n")), "{log}");
    let bundle = log.lines().find_map(|line| line.strip_prefix("bundle ")).expect("a line");
    assert!(fs::read_to_string(bundle).expect("a bundle").contains(bench.doors.authority.trim()));
    let words = site.stop().await;
    assert_eq!(words, LastWords::default());
    assert!(!Path::new(bundle).exists(), "certificates go with the site");
    assert!(bench.log().contains("flushed"), "it was asked, not killed: {}", bench.log());
}

#[tokio::test]
async fn a_site_that_ended_by_itself_is_told_of() {
    let bench = Bench::new();
    let script = "mkfifo pipe; echo up; read -r _ < pipe; echo out of memory; exit 9";
    let pipe = bench.folder.path().join("pipe");
    let mut site = bench.start(script, Some("output:up"), NOWHERE, PATIENCE).await.expect("up");
    fs::write(&pipe, "end\n").expect("written");
    let deadline = Instant::now() + PATIENCE;
    while site.group.ended().expect("looked").is_none() {
        assert!(Instant::now() < deadline, "it goes on");
        tokio::time::sleep(PAUSE).await;
    }
    site.output.end(PATIENCE).await;
    let words = site.stop().await;
    assert!(words.troubles[0].contains("exit status: 9"), "{words:?}");
    assert!(words.troubles[0].contains("| out of memory"), "{words:?}");
}
