//! The worlds that engines are held against.
//!
//! Never an engine.

use std::collections::BTreeMap;
use std::path::Path;

use countonce::audit::{Split, write_books};
use countonce::event::{MatchKey, Order};
use countonce::platform::meta::lean::order_key;
use polars::prelude::{Column, DataFrame, ParquetWriter};

use super::super::{FactsOut, logs, plan, run};
use super::figures::{Figures, ours};
use super::ids::{self, Ids};
use super::orders::{self, Orders};
use super::{SEED, SIDES};
use countonce::run::Audit;

/// Event IDs of every making, with few of each.
fn odd_id(id: i64, making: i64, at: usize) -> String {
    match (making, id % 3) {
        (36, 0) => format!("{:08x}-1111-4222-8333-0123456789ab", id * 7_919),
        (36, _) => format!("177245280{id:04}"),
        (37, 0) => (id % 7).to_string(),
        (37, _) => format!("ob3_plugin-set_{id}"),
        (38, _) => format!("k3J9sd82Lq0Zx7Bn{id}"),
        _ if id % 2 == 0 => format!("{}.purchase", SINGLE + at),
        _ => "danke für den Einkauf".chars().cycle().take(id as usize + 1).collect(),
    }
}

/// Number of the order that the first event tells of which tells of an order by itself.
const SINGLE: usize = 500_000;

/// A world in which everything that can go wrong does so often: few ids, spellings, visitors,
/// pixels and names, and times that fall together or lie days apart.
pub(super) fn nasty(path: &Path, seed: u64, events: usize) {
    let mut state = seed;
    let mut random = move |below: i64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as i64
    };
    let mut draw = |of: &mut dyn FnMut(&mut dyn FnMut(i64) -> i64) -> i64| -> Vec<i64> {
        (0..events).map(|_| of(&mut random)).collect()
    };
    let ids = draw(&mut |r| r(200));
    let spelling = draw(&mut |r| r(6));
    let pixels = draw(&mut |r| r(12));
    let names = draw(&mut |r| r(9));
    let mut sides = draw(&mut |r| r(2));
    let visitors = draw(&mut |r| if r(3) == 0 { 0 } else { 1 + r(60) });
    let kinds = draw(&mut |r| r(4));
    let spread = draw(&mut |r| r(900_000_000));
    // Together on the same days, in the same second, within a visit, or anywhere.
    let moments: Vec<i64> = (0..events)
        .map(|at| match kinds[at] {
            0 => spread[at] % 9 * 86_400_000 + spread[at] % 50 * 700,
            1 => spread[at] % 400 * 90_000,
            2 => visitors[at] * 4_000_000 + spread[at] % 40 * 2_000,
            _ => spread[at],
        })
        .collect();
    // Visitors whom one side alone tells of.
    for at in (0..events).filter(|at| kinds[*at] == 2 && (1..=20).contains(&visitors[*at])) {
        sides[at] = visitors[at] % 2;
    }
    let contents = draw(&mut |r| r(3));
    let odd = draw(&mut |r| r(40));
    let worths = draw(&mut |r| r(4));
    let keys: Vec<Vec<i64>> = MatchKey::ALL.iter().map(|_| draw(&mut |r| r(4))).collect();
    let start = 1_772_452_800_000 - 5_000_000;
    let texts = |of: &dyn Fn(usize) -> Option<String>| (0..events).map(of).collect::<Vec<_>>();
    let numbers = |of: &dyn Fn(usize) -> i64| (0..events).map(of).collect::<Vec<_>>();
    let flags = |of: &dyn Fn(usize) -> bool| (0..events).map(of).collect::<Vec<_>>();
    let mut columns = vec![
        Column::new("countonce_facts".into(), vec![1i32; events]),
        Column::new("source".into(), texts(&|_| Some("nasty".to_owned()))),
        Column::new("channel".into(), texts(&|at| Some(SIDES[sides[at] as usize].0.to_owned()))),
        Column::new(
            "pixel".into(),
            texts(&|at| match pixels[at] {
                0..=7 => Some("111".to_owned()),
                8..=10 => Some("222".to_owned()),
                _ => None,
            }),
        ),
        Column::new(
            "name".into(),
            texts(&|at| match names[at] {
                0..=4 => Some("Purchase".to_owned()),
                5..=7 => Some("Lead".to_owned()),
                _ => (odd[at] > 3).then(|| "Été".to_owned()),
            }),
        ),
        Column::new(
            "id".into(),
            texts(&|at| {
                let id = ids[at];
                match spelling[at] {
                    0 => None,
                    1 => Some(format!("ORDER {}", 1_000 + id)),
                    _ if odd[at] > 35 => Some(odd_id(id, odd[at], at)),
                    2 | 3 if kinds[at] == 2 => Some(format!("only-{at}")),
                    _ => Some(format!("order-{}", 1_000 + id)),
                }
            }),
        ),
        Column::new(
            "caught".into(),
            (0..events).map(|at| (odd[at] != 9).then(|| start + moments[at])).collect::<Vec<_>>(),
        ),
        Column::new("time".into(), numbers(&|at| (start + moments[at]) / 1000 * 1000)),
        Column::new("automatic".into(), flags(&|at| odd[at] == 1)),
        Column::new("accepted".into(), flags(&|at| odd[at] != 2 && odd[at] != 5)),
        Column::new(
            "refusal".into(),
            texts(&|at| (odd[at] == 2).then(|| "100/2804050".to_owned())),
        ),
        Column::new(
            "value".into(),
            (0..events)
                .map(|at| (worths[at] > 0).then(|| 9.5 + worths[at] as f64))
                .collect::<Vec<_>>(),
        ),
        Column::new(
            "currency".into(),
            texts(&|at| match contents[at] {
                0 => Some("USD".to_owned()),
                1 => Some("EUR".to_owned()),
                _ => None,
            }),
        ),
        Column::new("visitor".into(), numbers(&|at| visitors[at])),
        Column::new("content".into(), numbers(&|at| contents[at])),
        Column::new(
            "order_key".into(),
            numbers(&|at| match odd[at] {
                20..=24 => order_key(&format!("#{}", 1_000 + spread[at] % 200)) as i64,
                _ => 0,
            }),
        ),
        Column::new("rules".into(), texts(&|_| None)),
        Column::new("offences".into(), texts(&|_| None)),
    ];
    for (number, key) in MatchKey::ALL.iter().enumerate() {
        columns.push(Column::new(format!("key_{key}").into(), flags(&|at| keys[number][at] > 1)));
        columns.push(Column::new(format!("valid_{key}").into(), flags(&|at| keys[number][at] > 2)));
    }
    let mut frame = DataFrame::new(events, columns).expect("a table");
    ParquetWriter::new(std::fs::File::create(path).expect("a file"))
        .finish(&mut frame)
        .expect("written");
}

/// The books of the nasty world: orders without a time and long ago, of two kinds, twice, with
/// amounts that events tell and others.
fn books() -> Vec<Order> {
    let order = |number: i64| Order {
        id: if number % 3 == 0 { format!("#{number}") } else { number.to_string() },
        at: (number % 5 > 0).then(|| 1_772_452_800_000 + number % 5 * 100_000_000),
        value: (number % 4 > 0).then_some(9.5 + (number % 4) as f64),
        currency: (number % 7 > 0).then(|| " usd".to_owned()),
        event: if number % 9 == 0 { "Lead" } else { "Purchase" }.to_owned(),
    };
    let mut books: Vec<Order> = (980..1_210).map(order).collect();
    books.extend((1..20).map(order));
    books.extend((SINGLE as i64..SINGLE as i64 + 6_000).map(order));
    books.push(Order { at: Some(0), ..order(1) });
    books.push(Order { at: Some(0), ..order(7_777_777) });
    books
}

/// Facts, and what the built-in engine says of them.
pub(super) struct World {
    pub(super) folder: tempfile::TempDir,
    pub(super) own: Figures,
    pub(super) ids: Ids,
    /// What became of the orders.
    pub(super) orders: Orders,
}

impl World {
    pub(super) fn nasty(seed: u64, events: usize) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let old = folder.path().join("old.parquet");
        nasty(&old, seed, events);
        let facts = folder.path().join("facts.parquet");
        countonce::run::facts(&plan(&[], &[], &[old]), &FactsOut::file(&facts)).expect("facts");
        World::of(folder, plan(&[], &[], &[facts]))
    }

    pub(super) fn of_logs(events: u64) -> World {
        let folder = logs(events);
        let side = |name: &str| folder.path().join(name);
        let logs = plan(&[side("browser.ndjson")], &[side("server.ndjson")], &[]);
        let facts = folder.path().join("facts.parquet");
        countonce::run::facts(&logs, &FactsOut::file(&facts)).expect("facts");
        World::of(folder, plan(&[], &[], &[facts]))
    }

    /// With the same books in every world.
    fn of(folder: tempfile::TempDir, mut audit: Audit) -> World {
        audit.request.orders = books();
        let rows = write_books(books(), &folder.path().join("books.parquet"));
        assert_eq!(rows.expect("written"), books().len() - 1, "one of them comes twice");
        let report = run(&audit).expect("audited");
        World { own: ours(&report), ids: ids::ours(&report), orders: orders::ours(&report), folder }
    }

    /// The same logs as folders of days, which two workers have written into.
    pub(super) fn of_days(events: u64) -> World {
        let folder = logs(events);
        let all = SIDES.map(|(name, _)| folder.path().join(format!("{name}.ndjson")));
        let out =
            |part| FactsOut::folder(folder.path().join("facts.parquet"), Split::Days, Some(part));
        countonce::run::facts(&plan(&all[..1], &[], &[]), &out("b")).expect("facts");
        countonce::run::facts(&plan(&[], &all[1..], &[]), &out("s")).expect("facts");
        World::of(folder, plan(&all[..1], &all[1..], &[]))
    }

    /// What is counted in the nasty world with a window of another length.
    pub(super) fn counted_with(window: i64) -> u64 {
        let folder = tempfile::tempdir().expect("a folder");
        let facts = folder.path().join("facts.parquet");
        nasty(&facts, SEED, 3_000);
        let mut policy = countonce::gate::Policy::default();
        policy.settings.dedup_window = Some(window);
        let report = countonce::run::audit(&plan(&[], &[], &[facts]), &policy).expect("audited");
        report.log.expect("a log").whole.counted
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn whole(&self) -> BTreeMap<String, i64> {
        let mut all = self.own.iter().filter(|((period, ..), _)| period == "whole");
        all.next().expect("the whole").1.clone()
    }
}
