//! The join of rows against what a reader would count by hand.

use super::*;

const WINDOW: i64 = 48 * 60 * 60 * 1000;
const HOUR: i64 = 3_600_000;

/// An event of that side and id, that many milliseconds after the epoch; no id where it is 0.
fn row(side: usize, id: u64, caught: i64) -> Row {
    let mut flags = Flag::Name as u8;
    if side == 1 {
        flags |= Flag::Server as u8;
    }
    if id != 0 {
        flags |= Flag::Id as u8;
    }
    let hash = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Row {
        id: [hash(id), id],
        caught,
        time: NONE_TIME,
        value: f64::NAN,
        visitor: 0,
        content: 1,
        fold: hash(id ^ 1 << 40),
        spot: hash(id).rotate_left(9) ^ caught as u64 ^ side as u64,
        keys: 0,
        valid: 0,
        length: 8,
        pixel: 1,
        name: 1,
        currency: 0,
        flags,
        scheme: 2,
    }
}

/// Joins rows that came in these batches, all of one part.
fn joined(mut batches: Vec<Vec<Row>>) -> Figures {
    let mut sums = Sums::default();
    batches.iter().flatten().for_each(|row| sums.add(row));
    let given = Circumstances { main: 1, window: WINDOW, common: 0 };
    let mut alone = Vec::new();
    let mut joins = Sums::default();
    Settler::default().settle(&mut batches, given, &mut joins, &mut alone);
    sums.merge(joins);
    find_causes(&mut alone, WINDOW);
    let (asked, mut picked) = (Twins::new(&alone), Vec::new());
    for rows in &batches {
        asked.pick(rows, &mut picked);
    }
    sums.book(&alone, &picked);
    sums.finish()
}

/// All hours and names together.
fn whole(figures: &Figures) -> Cell {
    let mut whole = Cell::default();
    for (_, cell) in &figures.cells {
        whole.add(cell);
    }
    whole
}

#[test]
fn many_ids_pair_whatever_batches_their_halves_are_in() {
    let halves = |side: usize, late: i64| {
        (1..=3000).map(|id| row(side, id, id as i64 * 1000 + late)).collect::<Vec<Row>>()
    };
    let mut server = halves(1, 250);
    server.reverse();
    let figures = joined(vec![halves(0, 0), server[..700].to_vec(), server[700..].to_vec()]);
    let cell = whole(&figures);
    assert_eq!((cell.paired, cell.counted, cell.events), (3000, 3000, [3000, 3000]));
    assert_eq!(cell.alone, [[0; 7]; 2]);
    assert!(figures.lags.all().len() == 3000 && figures.lags.all().iter().all(|lag| *lag == 250));
    let ids = &figures.ids[&(1, 0)];
    assert_eq!((ids.events, ids.present, ids.distinct, ids.schemes[2]), (3000, 3000, 3000, 3000));
}

#[test]
fn hundreds_of_copies_under_one_id_are_one_event_and_repeats_of_it() {
    let mut copies: Vec<Row> = (0..600).rev().map(|at| row(0, 7, at)).collect();
    for copy in &mut copies {
        (copy.keys, copy.valid) = (0b101, 0b001);
    }
    copies.push(row(1, 7, 900));
    let figures = joined(vec![copies]);
    let cell = whole(&figures);
    assert_eq!((cell.paired, cell.counted, cell.repeats), (1, 1, [599, 0]));
    assert_eq!(figures.lags.all(), [900], "from the first copy");
    assert_eq!((cell.looked_at, cell.keys[0][0], cell.keys[0][2]), ([1, 1], 1, 1));
    assert_eq!((cell.valid[0][0], cell.valid[0][2]), (1, 0), "repeats count for nothing");
    assert_eq!(figures.ids[&(1, 0)].distinct, 1);
}

#[test]
fn lone_events_get_the_cause_that_is_there_to_see() {
    let alike = |mut row: Row, fold: u64| {
        row.fold = fold;
        row
    };
    let by = |mut row: Row, visitor: u64| {
        row.visitor = visitor;
        row
    };
    let named = |mut row: Row, name: u16| {
        row.name = name;
        row
    };
    let figures = joined(vec![vec![
        alike(row(0, 1, 0), 5),
        alike(row(1, 2, 9 * HOUR), 5),
        by(row(0, 3, 0), 33),
        by(row(1, 4, 1000), 33),
        by(row(0, 5, 0), 44),
        by(row(1, 0, 1000), 44),
        row(0, 6, 0),
        named(row(1, 6, 0), 2),
        row(0, 8, 0),
        row(1, 8, WINDOW + 1),
        row(1, 9, 0),
    ]]);
    let cell = whole(&figures);
    let count = |side: usize, cause: Cause| cell.alone[side][cause as usize];
    for cause in Cause::ALL {
        let wanted = match cause {
            Cause::Pixel => [0, 0],
            Cause::NoPartner => [0, 1],
            _ => [1, 1],
        };
        assert_eq!([count(0, cause), count(1, cause)], wanted, "{}", cause.name());
    }
}

#[test]
fn what_a_visitor_says_again_in_a_moment_is_a_twin() {
    let said =
        |id: u64, caught: i64, content: u64| Row { visitor: 9, content, ..row(0, id, caught) };
    let figures = joined(vec![vec![
        said(1, 0, 5),
        said(2, 4_000, 5),
        said(3, 60_000, 5),
        said(4, 60_500, 6),
        row(0, 5, 60_600),
    ]]);
    let cell = whole(&figures);
    assert_eq!(cell.twins, [1, 0]);
    assert_eq!(cell.alone_on(0), 4);
}

#[test]
fn threads_may_share_the_work_in_any_way() {
    let rows: Vec<Row> = (1..500)
        .flat_map(|id| [row(0, id, id as i64 * HOUR / 3), row(1, id, id as i64 * HOUR / 3 + 5)])
        .collect();
    let figures = joined(vec![rows.clone()]);
    let mut halves = [Sums::default(), Sums::default()];
    rows.iter().zip(0..).for_each(|(row, at)| halves[at % 2].add(row));
    let given = Circumstances { main: 1, window: WINDOW, common: 0 };
    for (half, odd) in halves.iter_mut().zip([0, 1]) {
        let own = rows.iter().filter(|row| row.id[1] % 2 == odd).copied().collect();
        let mut alone = Vec::new();
        Settler::default().settle(&mut [own], given, half, &mut alone);
        assert!(alone.is_empty());
    }
    let [mut sums, other] = halves;
    sums.merge(other);
    let shared = sums.finish();
    assert_eq!((shared.cells, shared.ids), (figures.cells, figures.ids));
    let sorted = |lags: &Lags| {
        let mut all = lags.all().to_vec();
        all.sort_unstable();
        all
    };
    assert_eq!(sorted(&shared.lags), sorted(&figures.lags));
}
