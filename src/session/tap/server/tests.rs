//! Tests of the server tap over real sockets.
