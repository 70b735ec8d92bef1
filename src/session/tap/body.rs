//! Bodies that pass through a tap: streamed ones, whole ones, and the mark that a
//! request is open until its answer has gone out.
//! Never holds more of a streamed body than one frame.

use std::io::Read as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::note_trouble;
use crate::session::Witness;

/// Longest body of a platform's request that is kept, before and after decoding.
/// The largest call a platform takes is far smaller; what is longer is hostile or lost.
pub(super) const LONGEST_BODY: usize = 16 * 1024 * 1024;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(super) type Body = UnsyncBoxBody<Bytes, BoxError>;

/// A body that is all there.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body that streams through unchanged.
pub(super) fn streamed<B>(body: B) -> Body
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    body.map_err(Into::into).boxed_unsync()
}

/// Why a body could not be read whole.
#[derive(Debug)]
pub(super) enum Partial {
    /// Longer than [`LONGEST_BODY`].
    TooLong,
    /// The client went away in the middle.
    CutOff(String),
}

/// Reads a body whole, up to the limit.
///
/// A client that has sent everything it announced and is gone has sent it all: where
/// the length is known, the bytes decide and not the way the connection ended.
pub(super) async fn read_whole<B>(mut body: B, announced: Option<u64>) -> Result<Vec<u8>, Partial>
where
    B: HttpBody<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    if announced.is_some_and(|length| length > LONGEST_BODY as u64) {
        return Err(Partial::TooLong);
    }
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0).min(64 * 1024) as usize);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                let Ok(data) = frame.into_data() else { continue };
                if bytes.len() + data.len() > LONGEST_BODY {
                    return Err(Partial::TooLong);
                }
                bytes.extend_from_slice(&data);
            }
            Err(_) if announced == Some(bytes.len() as u64) => break,
            Err(cause) => return Err(Partial::CutOff(cause.to_string())),
        }
    }
    match announced {
        Some(length) if length != bytes.len() as u64 => {
            Err(Partial::CutOff(format!("{} of {length} bytes came", bytes.len())))
        }
        _ => Ok(bytes),
    }
}

/// Takes the content codings off, the last one first.
///
/// `None` when a coding is unknown or the bytes are not what it says: the body then
/// stays as it came, which is for a rule to judge.
pub(super) fn decoded(body: &[u8], codings: &str) -> Result<Option<Vec<u8>>, Partial> {
    let mut bytes = body.to_vec();
    for coding in codings.rsplit(',').map(|coding| coding.trim().to_ascii_lowercase()) {
        let plain = match coding.as_str() {
            "" | "identity" => continue,
            "gzip" | "x-gzip" => unpacked(MultiGzDecoder::new(bytes.as_slice()))?,
            // The name means zlib (RFC 9110, 8.4.1.2); some clients send it bare.
            "deflate" => match unpacked(ZlibDecoder::new(bytes.as_slice()))? {
                Some(plain) => Some(plain),
                None => unpacked(DeflateDecoder::new(bytes.as_slice()))?,
            },
            _ => None,
        };
        match plain {
            Some(plain) => bytes = plain,
            None => return Ok(None),
        }
    }
    Ok(Some(bytes))
}

fn unpacked(decoder: impl std::io::Read) -> Result<Option<Vec<u8>>, Partial> {
    let mut plain = Vec::new();
    match decoder.take(LONGEST_BODY as u64 + 1).read_to_end(&mut plain) {
        Ok(length) if length > LONGEST_BODY => Err(Partial::TooLong),
        Ok(_) => Ok(Some(plain)),
        Err(_) => Ok(None),
    }
}

/// A request that is open: counted from here until this is dropped.
pub(super) struct Open(Witness);

impl Open {
    pub(super) fn begin(witness: &Witness) -> Open {
        witness.begin();
        Open(witness.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A body whose request is open until it has gone out, or was given up.
pub(super) struct Held {
    body: Body,
    open: Option<Open>,
    /// Whose body it is, where breaking off in the middle is worth a note.
    whose: Option<String>,
}

impl Held {
    pub(super) fn new(body: Body, open: Open, whose: Option<String>) -> Held {
        Held { body, open: Some(open), whose }
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Err(cause))) = &frame
            && let (Some(open), Some(whose)) = (&self.open, &self.whose)
        {
            note_trouble(&open.0, format!("{whose} broke off in the middle: {cause}"));
        }
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.open = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    #[test]
    fn every_coding_that_clients_use_is_taken_off() {
        let plain = b"data=%5B%7B%7D%5D".as_slice();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(plain).expect("in memory");
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(plain).expect("in memory");
        for (codings, body) in [
            ("gzip", gzip(plain)),
            ("x-gzip", gzip(plain)),
            ("deflate", zlib.finish().expect("in memory")),
            ("Deflate", bare.finish().expect("in memory")),
            ("gzip, gzip", gzip(&gzip(plain))),
            ("identity", plain.to_vec()),
            ("", plain.to_vec()),
        ] {
            let out = decoded(&body, codings).expect("short").expect(codings);
            assert_eq!(out, plain, "{codings}");
        }
    }

    #[test]
    fn what_is_not_as_announced_stays_as_it_came() {
        assert!(decoded(b"not gzip", "gzip").expect("short").is_none());
        assert!(decoded(b"x", "br").expect("short").is_none());
        assert!(decoded(&gzip(b"whole")[..12], "gzip").expect("short").is_none());
    }

    #[test]
    fn a_bomb_is_refused_without_being_unpacked() {
        let bomb = gzip(&vec![0; LONGEST_BODY + 1]);
        assert!(bomb.len() < 200_000);
        assert!(matches!(decoded(&bomb, "gzip"), Err(Partial::TooLong)));
    }

    #[tokio::test]
    async fn a_body_that_is_shorter_than_announced_is_cut_off() {
        let short = read_whole(whole("abc"), Some(5)).await;
        assert!(matches!(short, Err(Partial::CutOff(_))), "{short:?}");
        assert_eq!(read_whole(whole("abc"), Some(3)).await.expect("whole"), b"abc");
        assert_eq!(read_whole(whole("abc"), None).await.expect("whole"), b"abc");
    }

    #[test]
    fn a_request_is_open_until_its_answer_is_dropped() {
        let witness = Witness::default();
        let held = Held::new(whole("x"), Open::begin(&witness), None);
        assert_eq!(witness.look(|seen| seen.open), 1);
        drop(held);
        assert_eq!(witness.look(|seen| seen.open), 0);
    }
}
