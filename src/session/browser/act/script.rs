//! Actions that are scripts of the user's own: waiting for one to be truthy, and running one.
//!
//! Never what a script is for.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{AGAIN, ActError, Doing, Effect};
use crate::session::browser::miss;
use crate::session::browser::page::PageError;

impl Doing<'_> {
    /// Waits until an expression is truthy. One that throws counts as not yet.
    pub(super) async fn until(&self, expression: &str) -> Result<Effect, ActError> {
        // The expression stands in the source, since a page's policy may forbid `eval`.
        let script = format!(
            "const [within, answer] = arguments; const end = performance.now() + within;\n\
             const test = async () => (\n{expression}\n);\n\
             let last = null;\n\
             const turn = async () => {{\n\
               try {{ last = null; if (await test()) return answer({{ ok: true }}); }}\n\
               catch (error) {{ last = String(error); }}\n\
               if (performance.now() >= end) return answer({{ ok: false, last }});\n\
               setTimeout(turn, 30);\n\
             }};\n\
             turn();"
        );
        loop {
            const SLICE: Duration = Duration::from_secs(2);
            let slice = if self.page.inert() { Duration::ZERO } else { SLICE };
            let left = self.deadline.saturating_duration_since(Instant::now()).min(slice);
            let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
            let last = match self.page.run(&script, json!([millis])).await {
                Ok(answer) if answer.get("ok") == Some(&json!(true)) => {
                    return Ok(Effect::default());
                }
                Ok(answer) => {
                    if self.page.inert() {
                        tokio::time::sleep(AGAIN).await;
                    }
                    answer.get("last").and_then(Value::as_str).map(str::to_owned)
                }
                Err(PageError::Changed(what)) => {
                    tokio::time::sleep(AGAIN).await;
                    Some(what)
                }
                Err(error) => return Err(self.failed(error)),
            };
            let in_vain = self.hopeless.is_some_and(|hopeless| hopeless());
            if in_vain || Instant::now() >= self.deadline {
                let seconds = self.begun.elapsed().as_secs_f64();
                let thrown = last.map(|last| format!(": {}", miss::shown(&last)));
                return Err(ActError::Miss(format!(
                    "the script `{}` did not become true (waited {seconds:.1} s){}",
                    miss::shown(expression),
                    thrown.unwrap_or_default()
                )));
            }
        }
    }

    pub(super) async fn evaluate(&self, body: &str) -> Result<Effect, ActError> {
        let script = format!(
            "const [within, answer] = arguments;\n\
             setTimeout(() => answer({{ ok: false, late: true }}), within);\n\
             // Some drivers do not wait for a page that is on its way.\n\
             const ready = document.readyState === 'complete' ? null\n\
               : new Promise(done => addEventListener('load', done, {{ once: true }}));\n\
             (async () => {{ await ready; return (async () => {{\n{body}\n}})(); }})().then(\n\
               () => answer({{ ok: true }}),\n\
               error => answer({{ ok: false, what: String(error) }}));"
        );
        let left = self.deadline.saturating_duration_since(Instant::now());
        let millis = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        match self.page.run(&script, json!([millis])).await {
            // A script may well end by leaving the page.
            Err(PageError::Changed(_)) => Ok(Effect::default()),
            Err(error) => Err(self.failed(error)),
            Ok(answer) if answer.get("ok") == Some(&json!(true)) => Ok(Effect::default()),
            Ok(answer) if answer.get("late") == Some(&json!(true)) => {
                let seconds = self.begun.elapsed().as_secs_f64();
                Err(ActError::Miss(format!("the script did not end (waited {seconds:.1} s)")))
            }
            Ok(answer) => {
                let what = answer.get("what").and_then(Value::as_str).unwrap_or_default();
                Err(ActError::Miss(format!("the script threw {}", miss::shown(what))))
            }
        }
    }
}
