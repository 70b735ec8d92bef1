//! Reads findings, the ledger and what could not be read back from JSON format 1.

use super::severity;
use crate::event::{Channel, Defect, MatchKey, Place};
use crate::finding::Finding;
use crate::format::json::v1::findings::{
    BookedV1, ConversionV1, DefectV1, FindingV1, UnattributedV1,
};
use crate::report::{Booked, Conversion, Location, ReportedFinding, Standing, UnattributedCall};

pub(super) fn finding(found: FindingV1) -> ReportedFinding {
    let known = found.status == "known";
    ReportedFinding {
        title: found.title,
        location: found.location.map(|at| Location {
            file: at.file,
            place: Place { line: at.line, column: at.column },
        }),
        profile: found.profile,
        variant: found.variant,
        own: Some(found.own_severity.as_str()).filter(|word| !word.is_empty()).map(severity),
        standing: if known {
            Standing::Known { reason: found.reason.unwrap_or_default() }
        } else {
            Standing::New
        },
        finding: Finding {
            severity: severity(&found.severity),
            rule: found.rule,
            event: found.event,
            channel: found.channel.as_deref().and_then(Channel::from_name),
            session: found.session,
            scenario: found.scenario,
            cause: found.cause,
            message: found.message,
            fix: found.fix,
            count: found.count,
            evidence: found.evidence,
        },
    }
}

pub(super) fn conversion(entry: ConversionV1) -> Conversion {
    Conversion {
        scenario: entry.scenario,
        session: entry.session,
        event: entry.event,
        expected: entry.expected,
        counted: entry.counted,
        kept: entry.kept,
        booked: entry.booked.into_iter().filter_map(booked).collect(),
        why: entry.why,
        evidence: entry.evidence,
    }
}

fn booked(copy: BookedV1) -> Option<Booked> {
    Some(Booked {
        channel: Channel::from_name(&copy.channel)?,
        exchange: copy.exchange,
        value: copy.value,
        currency: copy.currency,
        keys: copy.keys.iter().filter_map(|name| MatchKey::from_name(name)).collect(),
        merged: copy.merged,
    })
}

pub(super) fn defect(defect: DefectV1) -> Option<Defect> {
    let channel = Channel::from_name(&defect.channel)?;
    let DefectV1 { exchange, session, what, .. } = defect;
    Some(Defect { exchange, channel, session, what })
}

pub(super) fn unattributed(call: UnattributedV1) -> UnattributedCall {
    let UnattributedV1 { exchange, pixel, events, why } = call;
    UnattributedCall { exchange, pixel, events, why }
}
