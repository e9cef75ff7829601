//! Write speeds on the command line.

use oncefs::Speed;

/// `max`, `8` or `8x`.
pub fn parse_speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::Fastest);
    }
    match text.strip_suffix(['x', 'X']).unwrap_or(text).parse() {
        Ok(factor) if factor > 0 => Ok(Speed::Factor(factor)),
        _ => Err("use a multiple of the single speed, such as 4 or 4x, or max".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_factor_or_the_greatest() {
        assert_eq!(parse_speed("max"), Ok(Speed::Fastest));
        assert_eq!(parse_speed("8"), Ok(Speed::Factor(8)));
        assert_eq!(parse_speed("16x"), Ok(Speed::Factor(16)));
        for wrong in ["", "x", "0", "-1", "fast", "4 x", "70000"] {
            assert!(parse_speed(wrong).is_err(), "{wrong}");
        }
    }
}
