//! What a script of the guest printed: a line an answer, its name and the JSON that the program gave.

use serde_json::Value;

/// What is wrong with the answer of that name: it has to be there, and to have `expected` at a JSON pointer, where null
/// stands for nothing too.
pub fn differences(said: &str, name: &str, pointer: &str, expected: &Value) -> Vec<String> {
    let mut lines = said.lines().filter_map(|line| line.split_once(' '));
    let answer = lines.find(|(found, _)| *found == name);
    let Some(Ok(answer)) = answer.map(|(_, json)| serde_json::from_str::<Value>(json)) else {
        return vec![format!("no answer in:\n{said}")];
    };
    if answer.pointer(pointer).unwrap_or(&Value::Null) == expected {
        Vec::new()
    } else {
        vec![format!("{answer} has not {expected} at {pointer:?}")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_has_to_be_there_and_to_have_what_is_expected_at_its_place() {
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
