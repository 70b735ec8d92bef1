//! Fills the shapes of what happened when: steps, events, payloads, and what could not be
//! read.
//!
//! Texts are copied as the report has them, masked already.

use crate::event::Defect;
use crate::format::json::v1::course::{CaughtV1, ExcerptV1, FieldV1, JoinedV1, PictureV1, StepV1};
use crate::format::json::v1::findings::DefectV1;
use crate::report::{Report, Shot, StepRun};

pub(super) fn steps(report: &Report) -> Vec<StepV1> {
    let step = |step: &StepRun| StepV1 {
        session: step.session,
        line: step.line,
        text: step.text.clone(),
        at: step.at,
        millis: step.millis,
        page: step.page.clone(),
        error: step.error.clone(),
        cookies: step.cookies.clone(),
    };
    report.steps.iter().map(step).collect()
}

pub(super) fn caught(report: &Report) -> Vec<CaughtV1> {
    report
        .caught
        .iter()
        .map(|caught| CaughtV1 {
            exchange: caught.exchange,
            entry: caught.entry,
            channel: caught.channel.to_string(),
            session: caught.session,
            event: caught.event.clone(),
            at: caught.at,
            page: caught.page.clone(),
            transport: caught.transport.clone(),
            standing: caught.standing.clone(),
            joined: caught.joined.and_then(|joined| {
                let other = report.caught.get(joined.with)?;
                let (exchange, entry) = (other.exchange, other.entry);
                Some(JoinedV1 { exchange, entry, merged: joined.merged })
            }),
            refused: caught.refused.clone(),
            sender: caught.sender.clone(),
        })
        .collect()
}

pub(super) fn excerpts(report: &Report) -> Vec<ExcerptV1> {
    report
        .excerpts
        .iter()
        .map(|excerpt| ExcerptV1 {
            exchange: excerpt.exchange,
            entry: excerpt.entry,
            channel: excerpt.channel.to_string(),
            event: excerpt.event.clone(),
            fields: excerpt
                .fields
                .iter()
                .map(|field| FieldV1 { name: field.name.clone(), value: field.value.clone() })
                .collect(),
        })
        .collect()
}

pub(super) fn defects(report: &Report) -> Vec<DefectV1> {
    let defect = |defect: &Defect| DefectV1 {
        exchange: defect.exchange,
        channel: defect.channel.to_string(),
        session: defect.session,
        what: defect.what.clone(),
    };
    report.defects.iter().map(defect).collect()
}

pub(super) fn pictures(report: &Report) -> Vec<PictureV1> {
    let picture = |shot: &Shot| PictureV1 {
        session: shot.session,
        at: shot.at,
        page: shot.page.clone(),
        file: shot.file.clone(),
    };
    report.shots.iter().map(picture).collect()
}
