//! Tests of the browser tap over real sockets.
