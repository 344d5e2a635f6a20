//! The project on the local AWS of this machine, by the command fx.
use serde_json::{json, Value};
use std::process::Command;

/// Runs fx in the project and returns its result.
fn fx(words: &[&str]) -> Value {
    let output = Command::new("fx")
        .args(words)
        .args(["--json", "-C", concat!(env!("CARGO_MANIFEST_DIR"), "/../..")])
        .output()
        .expect("install fx: npm install --global fx-serverless");
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().unwrap_or_default();
    assert!(output.status.success(), "fx {words:?}: {last}");
    serde_json::from_str::<Value>(last).unwrap()["value"].take()
}

fn get(url: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut response = agent.get(url).call().unwrap();
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), serde_json::from_str(&body).unwrap())
}

#[test]
fn answers() {
    let is_mine = fx(&["local", "status"])["running"] == false;
    let deployed = fx(&["deploy", "--env", "local"]);
    let url = deployed["outputs"]["HttpApiUrl"].as_str().unwrap();
    let answers = ["/hello/Ann", "/", "/nowhere"].map(|path| get(&format!("{url}{path}")));
    if is_mine {
        fx(&["local", "stop"]);
    }
    assert_eq!(answers[0], (200, json!({ "message": "Hello, Ann!" })));
    assert_eq!(answers[1], (200, json!({ "message": "Hello, world!" })));
    assert_eq!(answers[2].0, 404);
}
