//! Runs a script in the page; a thrown error fails the step.

use super::{Action, Arg, StepError, StepKind};

pub(super) const STEP: StepKind = StepKind {
    keyword: "evaluate",
    summary: "Runs a script in the page; an error that it throws fails the step. Persona values are escaped for use inside quotes",
    example: "evaluate: \"localStorage.setItem('customer', '${persona.external_id}')\"",
    parse,
    schema: || {
        serde_json::json!({
            "type": "string",
            "pattern": r"\S",
            "description": "JavaScript; write $${…} for a template literal's ${…}",
        })
    },
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    let script = arg.text("a script")?;
    if script.trim().is_empty() {
        return Err(StepError::at(arg, "the script is empty"));
    }
    Ok(vec![Action::Evaluate(script.to_owned())])
}

#[cfg(test)]
mod tests {
    use super::super::read::testing::*;
    use super::*;

    #[test]
    fn a_script_is_taken_verbatim() {
        let script = "a();\n  b('x') ";
        assert_eq!(good(&STEP, &text(script)), [Action::Evaluate(script.to_owned())]);
        bad(&STEP, &text(" \n"));
        bad(&STEP, &none());
    }
}
