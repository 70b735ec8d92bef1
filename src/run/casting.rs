//! Casting: which visitors play which scenario, in which variants, how often.
//!
//! The flow as written comes first everywhere, since variants are derived from it.
//! Never how a flow is twisted.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Site;
use crate::persona::Persona;
use crate::platform::PLATFORMS;
use crate::scenario::Scenario;
use crate::session::tap::Mapping;
use crate::session::{Before, Bound, Device, Lesson, Part};
use crate::visitor::{Circumstances, Decision, Twist, Variant};

/// What parts are made from.
pub(super) struct Casting<'a> {
    /// The user's own profiles.
    pub(super) own: &'a BTreeMap<String, Circumstances>,
    /// How often each combination is played; 0 and 1 are once.
    pub(super) repeat: u32,
    /// Seed of the test persons.
    pub(super) seed: u64,
}

/// What stays on one machine when a suite is split: a scenario with variants as a whole,
/// since variants are learnt from the flow as written, and else each profile and repetition.
pub(super) fn unit(part: &Part) -> String {
    let scenario = &part.scenario;
    let whole = format!("{}|{}", scenario.file.display(), scenario.name);
    if scenario.variants.is_empty() {
        format!("{whole}|{}|{}", part.profile, part.repeat)
    } else {
        whole
    }
}

impl Casting<'_> {
    /// Every combination of the scenarios, all flows as written before all variants.
    pub(super) fn parts(&self, scenarios: Vec<(Scenario, Site)>) -> Vec<Part> {
        let mut written = Vec::new();
        let mut twisted = Vec::new();
        for (scenario, site) in scenarios {
            let scenario = Arc::new(scenario);
            let lesson = Arc::new(Lesson::default());
            let teacher = self.teacher(&scenario);
            for profile in &scenario.profiles {
                for repeat in self.repeats() {
                    let teaches = Some(profile) == teacher && repeat <= 1;
                    let part = |variant: Option<&'static Variant>| {
                        let teaches = teaches && variant.is_none();
                        self.part(&scenario, profile, variant, repeat, &site, &lesson, teaches)
                    };
                    written.push(part(None));
                    let named = scenario.variants.iter().filter_map(|name| Variant::of(name));
                    twisted.extend(named.map(|variant| part(Some(variant))));
                }
            }
        }
        written.extend(twisted);
        written
    }

    fn repeats(&self) -> std::ops::RangeInclusive<u32> {
        if self.repeat > 1 { 1..=self.repeat } else { 0..=0 }
    }

    /// The profile from whose visit variants are learnt: the one with least in the way.
    fn teacher<'s>(&self, scenario: &'s Scenario) -> Option<&'s String> {
        let hindrance = |profile: &&String| {
            let circumstances = self.circumstances(profile, scenario);
            (
                circumstances.refuses() || circumstances.signals_privacy,
                circumstances.without_scripts,
                circumstances.consent != Decision::AsWritten,
                circumstances.keeps_the_pixel_out(),
                circumstances.returns_after_hours > 0,
                !circumstances.is_clean(),
            )
        };
        scenario.profiles.iter().min_by_key(hindrance)
    }

    fn circumstances(&self, profile: &str, scenario: &Scenario) -> Circumstances {
        let own = self.own.get(profile).cloned();
        let mut circumstances = own.unwrap_or_else(|| Circumstances::of_profile(profile));
        circumstances.allowed_before_answer |=
            scenario.consent.allowed_before && circumstances.consent != Decision::AsWritten;
        circumstances
    }

    #[expect(clippy::too_many_arguments, reason = "one part is made of as many things")]
    fn part(
        &self,
        scenario: &Arc<Scenario>,
        profile: &str,
        variant: Option<&'static Variant>,
        repeat: u32,
        site: &Site,
        lesson: &Arc<Lesson>,
        teaches: bool,
    ) -> Part {
        let mut circumstances = self.circumstances(profile, scenario);
        if variant.is_some_and(|variant| variant.twist == Twist::Crawl) {
            circumstances.without_scripts = true;
            circumstances.crawler = true;
        }
        let (of, site, seed) = (Arc::clone(scenario), site.clone(), self.seed);
        let mobile = circumstances.mobile;
        // A test person of its own for each session, a repeated one too.
        let bind = move |session: u32| {
            let persona = Persona::new(&of.persona, seed.wrapping_add(u64::from(session)))
                .expect("the kind of person was checked when the scenario was read");
            Bound {
                steps: of.bind(&persona),
                site: site.public.clone(),
                mappings: site
                    .mapping
                    .iter()
                    .map(|(name, origin)| Mapping::new(name, origin))
                    .collect(),
                device: mobile.then(Device::phone),
                visitor: persona.field("ip").and_then(|ip| ip.parse().ok()),
                marks: PLATFORMS.iter().flat_map(|platform| (platform.marks)(&persona)).collect(),
                persona: persona.fields.iter().cloned().collect::<BTreeMap<_, _>>(),
            }
        };
        Part {
            scenario: Arc::clone(scenario),
            profile: profile.to_owned(),
            circumstances,
            variant,
            repeat,
            lesson: Arc::clone(lesson),
            teaches,
            before: Before::default(),
            bind: Arc::new(bind),
        }
    }
}
