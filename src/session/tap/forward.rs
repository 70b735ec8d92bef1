//! Passing a request on, and its answer back: streamed both ways, byte for byte.
//!
//! Redirects, errors and content codings are the site's own affair and go through as
//! they are. Never reads a body.

use http::header::{self, HeaderValue};
use http::{Request, Response, StatusCode, Uri, Version};
use hyper::body::Body as HttpBody;
use hyper_util::rt::TokioIo;

use super::body::{Body, BoxError, streamed};
use super::connection::join;
use super::headers::{end_the_hop, join_cookies};
use super::listener::Tasks;
use super::upstream::{Unreachable, Upstream};

/// Sends a request to `uri`, the address that its client meant, and hands back the answer.
///
/// When both sides agree to change protocols (WebSocket), the streams are joined.
pub(super) async fn forward<B>(
    upstream: &Upstream,
    request: Request<B>,
    uri: Uri,
    tasks: &Tasks,
) -> Result<Response<Body>, Unreachable>
where
    B: HttpBody<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let mut request = request.map(streamed);
    let upgrade = wanted_upgrade(&request);
    let client = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    end_the_hop(headers);
    // The tap answers the expectation itself as soon as it reads the body.
    headers.remove(header::EXPECT);
    join_cookies(headers);
    // HTTP/2 has the host in the address; for HTTP/1 the connection makes the header of it.
    headers.remove(header::HOST);
    if let Some(protocol) = upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, protocol);
    }

    let mut response = upstream.send(request).await?;
    *response.version_mut() = Version::HTTP_11;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return switch(client, response, tasks);
    }
    response.extensions_mut().clear();
    end_the_hop(response.headers_mut());
    Ok(response.map(streamed))
}

fn switch(
    client: Option<hyper::upgrade::OnUpgrade>,
    mut response: Response<hyper::body::Incoming>,
    tasks: &Tasks,
) -> Result<Response<Body>, Unreachable> {
    let Some(client) = client else {
        return Err(Unreachable::Broken {
            cause: "the site changed protocols without being asked".to_owned(),
        });
    };
    let site = hyper::upgrade::on(&mut response);
    let tasks_of_tunnel = tasks.clone();
    tasks.spawn(async move {
        // A side that is gone before the change leaves nothing to join.
        if let (Ok(client), Ok(site)) = (client.await, site.await) {
            let (mut client, mut site) = (TokioIo::new(client), TokioIo::new(site));
            join(&mut client, &mut site, &tasks_of_tunnel).await;
        }
    });
    Ok(response.map(streamed))
}

/// The protocol that a client wants to change to.
fn wanted_upgrade<B>(request: &Request<B>) -> Option<HeaderValue> {
    let asked = request
        .headers()
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|option| option.trim().eq_ignore_ascii_case("upgrade"));
    if asked && request.version() == Version::HTTP_11 {
        request.headers().get(header::UPGRADE).cloned()
    } else {
        None
    }
}

/// True for answers that are meant never to end: nothing can wait for their end.
pub(super) fn is_endless<B>(response: &Response<B>) -> bool {
    response.status() == StatusCode::SWITCHING_PROTOCOLS
        || response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}
