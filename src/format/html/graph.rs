//! The lines of a time-line: from each event to the other half of its conversion, row by
//! row, so that rows may be of any height and a printed page may end between any two.
//!
//! Never what the rows say.

use serde::Serialize;

/// Where the two sides' events stand, from the left, in pixels; the server's from the right.
const LANE: u32 = 10;
/// Room between two lines that run beside each other.
const STEP: u32 = 9;
/// Lines that run beside each other; more share the last place.
pub(super) const MOST_TRACKS: usize = 6;

/// A line between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arc {
    /// The upper row.
    pub(super) from: usize,
    /// The lower row.
    pub(super) to: usize,
    /// True where the upper row is the browser's.
    pub(super) from_browser: bool,
    /// True where the lower row is the browser's.
    pub(super) to_browser: bool,
    /// True where the platform merges the two.
    pub(super) merged: bool,
}

/// One row's piece of a line, as the path of a picture a hundred units high.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Piece {
    path: String,
    merged: bool,
}

/// The pieces of each row, and how many lines run beside each other at most.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) rows: Vec<Vec<Piece>>,
    pub(super) tracks: usize,
}

/// Width of the picture in pixels.
pub(super) fn width(tracks: usize) -> u32 {
    2 * LANE + 16 + STEP * tracks.max(1) as u32
}

/// Draws the lines between the rows of a table.
pub(super) fn graph(rows: usize, arcs: &[Arc]) -> Graph {
    let mut sorted: Vec<Arc> = arcs.to_vec();
    sorted.sort_by_key(|arc| (arc.from, arc.to));
    let mut busy_until: Vec<usize> = Vec::new();
    let placed: Vec<(Arc, usize)> = sorted
        .into_iter()
        .map(|arc| {
            let free = busy_until.iter().position(|end| *end <= arc.from);
            let track = free.unwrap_or(busy_until.len()).min(MOST_TRACKS - 1);
            if track == busy_until.len() {
                busy_until.push(arc.to);
            } else {
                busy_until[track] = busy_until[track].max(arc.to);
            }
            (arc, track)
        })
        .collect();
    let tracks = busy_until.len();
    let wide = width(tracks);
    let mut pieces: Vec<Vec<Piece>> = vec![Vec::new(); rows];
    for (arc, track) in placed {
        let x = LANE + 8 + STEP * track as u32 + STEP / 2;
        let lane = |browser: bool| if browser { LANE } else { wide - LANE };
        for (row, pieces) in pieces.iter_mut().enumerate().take(arc.to + 1).skip(arc.from) {
            let path = if row == arc.from {
                format!("M{} 50Q{x} 50 {x} 100", lane(arc.from_browser))
            } else if row == arc.to {
                format!("M{x} 0Q{x} 50 {} 50", lane(arc.to_browser))
            } else {
                format!("M{x} 0V100")
            };
            pieces.push(Piece { path, merged: arc.merged });
        }
    }
    Graph { rows: pieces, tracks }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arc(from: usize, to: usize) -> Arc {
        Arc { from, to, from_browser: true, to_browser: false, merged: true }
    }

    #[test]
    fn a_line_runs_through_every_row_between_its_ends() {
        let graph = graph(5, &[arc(1, 3)]);
        let counts: Vec<usize> = graph.rows.iter().map(Vec::len).collect();
        assert_eq!(counts, [0, 1, 1, 1, 0]);
        assert_eq!(graph.tracks, 1);
        assert!(graph.rows[2][0].path.ends_with("V100"));
    }

    #[test]
    fn lines_that_meet_run_beside_each_other_and_places_are_used_again() {
        let crossing = graph(6, &[arc(0, 2), arc(1, 3), arc(4, 5)]);
        assert_eq!(crossing.tracks, 2);
        let many: Vec<Arc> = (0..20).map(|from| arc(from, 40)).collect();
        assert_eq!(graph(41, &many).tracks, MOST_TRACKS);
        assert_eq!(graph(0, &[]).tracks, 0);
    }
}
