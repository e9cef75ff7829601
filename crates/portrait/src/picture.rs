//! The geometry of the pictures: the spiral of a disc, and the parts of its surface that have a line each.

use std::f64::consts::PI;
use std::ops::Range;

use drive::{Session, SessionState};

use crate::bar::Cell;
use crate::kind::Kind;
use crate::portrait::Portrait;

/// A spiral from the inside to the outside. Each block takes the same length of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spiral {
    /// Its middle.
    pub centre: (f64, f64),
    /// The radius at its start.
    pub inner: f64,
    /// The radius at its end.
    pub outer: f64,
    /// How often it goes round.
    pub turns: f64,
}

impl Spiral {
    /// The distance between two turns.
    pub fn pitch(&self) -> f64 {
        (self.outer - self.inner) / self.turns
    }

    /// The angle at a share of its length.
    fn angle(&self, share: f64) -> f64 {
        let (inner, outer) = (self.inner * self.inner, self.outer * self.outer);
        let radius = (inner + share * (outer - inner)).sqrt();
        2.0 * PI * self.turns * (radius - self.inner) / (self.outer - self.inner)
    }

    /// Points along a part of it, some degrees apart.
    pub fn points(&self, part: Range<f64>) -> Vec<(f64, f64)> {
        const STEP: f64 = PI / 30.0;
        let (start, end) = (self.angle(part.start), self.angle(part.end));
        let steps = ((end - start) / STEP).ceil().clamp(1.0, 1e5);
        let mut points = Vec::new();
        let mut step = 0.0;
        while step <= steps {
            let angle = start + (end - start) * step / steps;
            let radius = self.inner + self.pitch() * angle / (2.0 * PI);
            let (sine, cosine) = (angle - PI / 2.0).sin_cos();
            points.push((self.centre.0 + radius * cosine, self.centre.1 + radius * sine));
            step += 1.0;
        }
        points
    }
}

/// A part of the surface with a line of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name: that of a session, or what is not recorded.
    pub name: String,
    /// Its blocks.
    pub blocks: Range<u32>,
}

impl Portrait {
    /// The block after the last recorded one.
    #[must_use]
    pub fn recorded_end(&self) -> u32 {
        let recorded = self.surface.runs().iter().rev();
        let mut recorded = recorded.filter(|run| run.kind.is_recorded());
        recorded.next().map_or(0, |run| run.range().end)
    }

    /// The parts of the surface that text and pictures show as a line each: the sessions, and what follows
    /// them.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let (recorded, end) = (self.recorded_end(), self.surface.blocks());
        let sessions = self.subject.sessions.iter();
        let sessions: Vec<&Session> = sessions
            .filter(|session| session.start.0 < end && session.state != SessionState::Empty)
            .collect();
        let mut parts = Vec::new();
        for (at, session) in sessions.iter().enumerate() {
            let next = sessions.get(at + 1).map_or(recorded, |next| next.start.0);
            let last = session
                .last_recorded
                .map_or(next, |last| last.0.saturating_add(1));
            let start = session.start.0;
            parts.push(Part {
                name: format!("session {} {}", session.number, state(session.state)),
                blocks: start..last.min(next).max(start),
            });
        }
        if recorded < end {
            parts.push(Part {
                name: "not recorded".to_owned(),
                blocks: recorded..end,
            });
        }
        parts
    }
}

/// A word for the state of a session.
pub(crate) fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::Open => "open",
        SessionState::Closed => "closed",
        SessionState::Empty => "empty",
    }
}

/// Neighbouring cells of one kind, as their kind and the numbers of the first and of the one after the last.
pub(crate) fn merged(cells: &[Cell]) -> Vec<(Kind, Range<usize>)> {
    let mut merged: Vec<(Kind, Range<usize>)> = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        match merged.last_mut() {
            Some((kind, range)) if kind.index() == cell.kind.index() => range.end = at + 1,
            _ => merged.push((cell.kind, at..at + 1)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPIRAL: Spiral = Spiral {
        centre: (100.0, 100.0),
        inner: 20.0,
        outer: 80.0,
        turns: 10.0,
    };

    fn radius((x, y): (f64, f64)) -> f64 {
        (x - 100.0).hypot(y - 100.0)
    }

    #[test]
    fn the_spiral_goes_from_the_inner_to_the_outer_radius() {
        let points = SPIRAL.points(0.0..1.0);
        let ends = [points[0], points[points.len() - 1]].map(radius);
        assert!(
            (ends[0] - 20.0).abs() < 1e-6 && (ends[1] - 80.0).abs() < 1e-6,
            "{ends:?}"
        );
    }

    #[test]
    fn each_share_of_the_spiral_has_the_same_area() {
        let area = |share: f64| {
            let points = SPIRAL.points(share..share);
            radius(points[0]).powi(2)
        };
        let (first, second) = (area(0.5) - area(0.0), area(1.0) - area(0.5));
        assert!((first - second).abs() < 1e-6, "{first} {second}");
    }
}
