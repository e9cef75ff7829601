//! The output of a guest script: one line per answer, with its name and the JSON that the program printed.

use serde_json::Value;

/// What is wrong with the answer of this name: it must exist and contain `expected` at a JSON pointer; null
/// also means absent.
pub fn differences(said: &str, name: &str, pointer: &str, expected: &Value) -> Vec<String> {
    let mut lines = said.lines().filter_map(|line| line.split_once(' '));
    let answer = lines.find(|(found, _)| *found == name);
    let Some(Ok(answer)) = answer.map(|(_, json)| serde_json::from_str::<Value>(json)) else {
        return vec![format!("no answer in:\n{said}")];
    };
    if answer.pointer(pointer).unwrap_or(&Value::Null) == expected {
        Vec::new()
    } else {
        vec![format!("{answer} does not contain {expected} at {pointer:?}")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_must_exist_and_contain_what_is_expected() {
        let said = "a {\"kind\": \"in-use\"}\nb null\nc no JSON\nd {}\n";
        let judge = |name, pointer, value| differences(said, name, pointer, &value).len();
        assert_eq!(judge("a", "/kind", json!("in-use")), 0);
        assert_eq!(judge("b", "", Value::Null), 0);
        assert_eq!(judge("d", "/kind", Value::Null), 0);
        assert_eq!(judge("a", "/kind", json!("mounted")), 1);
        assert_eq!(judge("a", "/kind", Value::Null), 1);
        assert_eq!(judge("d", "/kind", json!("in-use")), 1);
        assert_eq!(judge("c", "", Value::Null), 1);
        assert_eq!(judge("e", "", Value::Null), 1);
    }
}
