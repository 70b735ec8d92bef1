//! What must hold for both channels together: no bytes make decoding panic.

use rand::prelude::*;
use rand::rngs::StdRng;

use super::*;

fn request(method: &str, url: &str, content_type: &str, body: Vec<u8>) -> Request {
    Request {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: vec![("content-type".to_owned(), content_type.to_owned())],
        body,
    }
}

#[test]
fn no_bytes_make_decoding_or_answering_panic() {
    const ROUNDS: usize = 4_000;
    let seeds: &[&[u8]] = &[
        b"id=1&ev=Lead&cd[a][b]=1&cd%5Bvalue%5D=%7B%22x%22%3A1%7D&eid[]=x&ud[em]=a&ts=1",
        b"--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n[{\"event_name\":\"x\"}]\r\n--b--\r\n",
        br#"{"data":[{"event_name":"Purchase","event_time":1795394340,"user_data":{"em":["a"],"fbc":"fb.1.2.3"},"custom_data":{"value":1,"contents":[{}]}}],"access_token":"T"}"#,
        br#"data=["{\"event_name\": \"x\"}"]&access_token=T"#,
        "data=[\"\u{1F600}\"]\u{e9}&%".as_bytes(),
    ];
    let urls = [
        "https://www.facebook.com/tr/",
        "https://www.facebook.com/tr/?id=1&ev=%ff%",
        "https://shop.test/tr",
        "https://graph.facebook.com/v26.0/1/events?access_token=%",
        "http://127.0.0.1:1/1/events",
    ];
    let types = [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "multipart/form-data; boundary=\"",
        "text/plain",
        "\u{1F600}",
    ];
    let mut random = StdRng::seed_from_u64(7);
    let mut events = 0;
    for _ in 0..ROUNDS {
        let mut body = (*seeds.choose(&mut random).expect("seeds")).to_vec();
        for _ in 0..random.random_range(0..6) {
            let at = random.random_range(0..=body.len());
            match random.random_range(0..4) {
                0 => body.truncate(at),
                1 => body.insert(at, random.random()),
                2 if at < body.len() => body[at] = random.random(),
                _ => {
                    let other = seeds.choose(&mut random).expect("seeds");
                    let tail = body.split_off(at);
                    body.extend_from_slice(&other[random.random_range(0..other.len())..]);
                    body.extend(tail);
                }
            }
        }
        let url = urls.choose(&mut random).expect("urls");
        let content_type = types.choose(&mut random).expect("types");
        let request = request("POST", url, content_type, body);
        events += decode_request(&request).events.len();
        answer_hit(&request, &PixelScript::StandIn, 1_795_394_400_000);
        graph::answer::answer(&request, 1_795_394_400_000);
    }
    assert!(events > ROUNDS / 10, "the bodies are broken beyond testing anything: {events}");
}

#[test]
fn a_page_that_calls_the_server_api_is_answered_and_recorded() {
    let body = br#"{"data":[{"event_name":"Lead"}]}"#.to_vec();
    let request = request(
        "POST",
        "https://graph.facebook.com/v26.0/1/events?access_token=T",
        "application/json",
        body,
    );
    assert!(claims("POST", &request.url));
    let reply = answer_hit(&request, &PixelScript::StandIn, 1_795_394_400_000).expect("Meta's");
    assert!(reply.record);
    assert_eq!(decode_request(&request).events[0].channel, Channel::Browser);
}

#[test]
fn what_is_not_claimed_is_not_answered() {
    for (method, url) in [
        ("GET", "https://shop.test/"),
        ("POST", "https://shop.test/api/events"),
        ("GET", "https://shop.test/fbevents.js"),
        ("POST", "https://shop.test/checkout?id=1"),
    ] {
        assert!(!claims(method, url), "{url}");
        assert_eq!(
            answer_hit(&request(method, url, "", vec![]), &PixelScript::StandIn, 0),
            None,
            "{url}"
        );
    }
}
