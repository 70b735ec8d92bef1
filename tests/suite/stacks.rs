//! The settings that `countonce listen` prints, tried as they stand: they are taken from its
//! output, given to a shell, and a client of the stack sends an event with nothing else.
//!
//! A stack whose runtime is not installed is skipped with a visible line.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::listen::{Listening, event};

const GO: &str = r#"
package main

import ("fmt"; "io"; "net/http"; "os"; "strings")

func main() {
	url := "https://graph.facebook.com/v25.0/1234567890123456/events"
	answer, err := http.Post(url, "application/json", strings.NewReader(os.Getenv("BODY")))
	if err != nil { panic(err) }
	text, _ := io.ReadAll(answer.Body)
	fmt.Println(string(text))
}
"#;

const JAVA: &str = r#"
import java.net.URI;
import java.net.http.*;

public class Main {
    public static void main(String[] words) throws Exception {
        var url = URI.create("https://graph.facebook.com/v25.0/1234567890123456/events");
        var body = HttpRequest.BodyPublishers.ofString(System.getenv("BODY"));
        var request = HttpRequest.newBuilder(url).header("Content-Type", "application/json").POST(body).build();
        var client = HttpClient.newBuilder().proxy(java.net.ProxySelector.getDefault()).build();
        System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).body());
        // The older client takes the same settings.
        var old = (java.net.HttpURLConnection) url.toURL().openConnection();
        System.out.println(old.getResponseCode());
    }
}
"#;

const PHP: &str = r"<?php
$url = 'https://graph.facebook.com/v25.0/1234567890123456/events';
$call = curl_init($url);
curl_setopt_array($call, [CURLOPT_POSTFIELDS => getenv('BODY'), CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => ['Content-Type: application/json']]);
$answer = curl_exec($call);
echo $answer === false ? curl_error($call) : $answer;
";

const RUBY: &str = r"
require 'net/http'
url = URI('https://graph.facebook.com/v25.0/1234567890123456/events')
puts Net::HTTP.post(url, ENV['BODY'], 'Content-Type' => 'application/json').body
";

/// True where a program is there; else a visible line.
fn has(program: &str, flag: &str) -> bool {
    let found =
        Command::new(program).arg(flag).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = found.is_ok_and(|status| status.success());
    if !there {
        eprintln!("SKIPPED, no {program}");
    }
    there
}

/// The lines that are printed for a stack, without its heading, and with the command that
/// they name in the place of what they leave open.
fn printed(said: &str, heading: &str, command: &str) -> String {
    let (_, rest) = said.split_once(heading).expect("printed");
    let lines = rest.lines().skip(1).take_while(|line| line.starts_with("  "));
    let lines: Vec<String> =
        lines.filter(|line| !line.contains("FPM")).map(|line| line.trim().to_owned()).collect();
    let text = lines.join("\n");
    assert!(!text.is_empty(), "{said}");
    match text.split_once('…') {
        Some(_) => text.replace('…', command),
        None => format!("{text}\n{command}"),
    }
}

/// Has a client of the stack send an event by the printed lines, and awaits it.
#[track_caller]
fn tried(stack: &str, heading: &str, file: &str, script: &str, command: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut listening = Listening::start(folder.path(), &["--stack", stack]);
    std::fs::write(folder.path().join(file), script).expect("written");
    let lines = printed(&listening.said, heading, command);
    let said = shell(folder.path(), &lines);
    assert!(said.contains("events_received"), "{lines}\n{said}");
    let line = listening.until("Lead");
    assert!(line.contains("lead-1") && line.contains("server"), "{line}");
    listening.stop();
}

/// Runs lines in a shell that has no settings of its own for proxies and certificates.
fn shell(folder: &Path, lines: &str) -> String {
    let mut shell = Command::new("sh");
    for name in [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "NO_PROXY",
        "no_proxy",
        "SSL_CERT_FILE",
    ] {
        shell.env_remove(name);
    }
    let said = shell
        .args(["-ec", lines])
        .current_dir(folder)
        .env("BODY", event("Lead", "lead-1"))
        .output()
        .expect("a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&said.stdout) + &text(&said.stderr)
}

#[test]
fn the_lines_for_php_lead_curl_to_the_tap() {
    if has("php", "-v") {
        tried("php", "PHP:", "send.php", PHP, "send.php");
    }
}

#[test]
fn the_lines_for_ruby_lead_net_http_to_the_tap() {
    if has("ruby", "-v") {
        tried("ruby", "Ruby:", "send.rb", RUBY, "ruby send.rb");
    }
}

#[test]
fn the_lines_for_go_lead_net_http_to_the_tap() {
    if has("go", "version") {
        tried("go", "Go:", "main.go", GO, "go run main.go");
    }
}

#[test]
fn the_lines_for_java_lead_its_http_clients_to_the_tap() {
    // A runtime without the compiler cannot run a source file.
    if has("javac", "-version") {
        let home =
            r#": "${JAVA_HOME:=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}""#;
        let folder = tempfile::tempdir().expect("a folder");
        let mut listening = Listening::start(folder.path(), &["--stack", "java"]);
        std::fs::write(folder.path().join("Main.java"), JAVA).expect("written");
        let lines = printed(&listening.said, "Java", "java Main.java");
        let said = shell(folder.path(), &format!("{home}\n{lines}"));
        assert!(said.contains("events_received"), "{lines}\n{said}");
        listening.until("lead-1");
        listening.stop();
    }
}

#[test]
fn the_lines_for_curl_lead_it_to_the_tap() {
    if has("curl", "--version") {
        let command = "curl -sS -H 'Content-Type: application/json' -d \"$BODY\" https://graph.facebook.com/v25.0/1234567890123456/events";
        tried("curl", "\ncurl", "unused", "", command);
    }
}
