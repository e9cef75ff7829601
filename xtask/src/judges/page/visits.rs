//! Visits to a page, each for one thing that it must do.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::discs::HOSTILE;
use crate::browser::Tab;

/// The colours of the pictures that were looked at and found right.
const REFERENCE: &str = include_str!("reference.json");
/// Fields of the pictures that are compared.
const SPIRAL: (u32, u32) = (24, 24);
const TAPE: (u32, u32) = (32, 14);
/// How far a part of a colour may be off: letters differ with the fonts, and so does the width of the page by
/// some pixels.
const TOLERANCE: u8 = 40;
/// How many fields may be further off.
const MOST_OFF: usize = 24;

/// A page that is open.
pub struct Visit<'b, 'p> {
    pub tab: Tab<'b>,
    page: &'p Path,
    /// What `oncefs map --json` says of the disc.
    map: &'p Value,
    pub differences: Vec<String>,
}

impl<'b, 'p> Visit<'b, 'p> {
    pub fn new(tab: Tab<'b>, page: &'p Path, map: &'p Value) -> Self {
        Self {
            tab,
            page,
            map,
            differences: Vec::new(),
        }
    }

    fn open(&mut self) -> Result<Vec<String>> {
        self.tab.open(self.page)?;
        self.tab.wait("document.documentElement.dataset.drawn")?;
        Ok(self.tab.requests())
    }

    fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.differences.push(what());
        }
    }

    fn said(&mut self) -> Result<String> {
        self.tab.text("document.getElementById('said').textContent")
    }

    /// The pictures are those that were looked at.
    fn require_picture(&mut self, name: &str, canvas: &str, grid: (u32, u32)) -> Result<Vec<u8>> {
        let seen = self.tab.colours(canvas, grid)?;
        let reference: Value = serde_json::from_str(REFERENCE)?;
        let expected: Vec<u8> = serde_json::from_value(reference[name].clone()).unwrap_or_default();
        let off = if expected.len() == seen.len() {
            let fields = seen.chunks(3).zip(expected.chunks(3));
            let is_off = |(one, other): &(&[u8], &[u8])| {
                one.iter()
                    .zip(*other)
                    .any(|(one, other)| one.abs_diff(*other) > TOLERANCE)
            };
            fields.filter(is_off).count()
        } else {
            seen.len() / 3
        };
        self.require(off <= MOST_OFF, || {
            format!("{name}: {off} fields differ from the reference; now {seen:?}")
        });
        Ok(seen)
    }

    /// The first block of a file, and how many blocks the disc has.
    fn block_of(&self, path: &str) -> Result<(f64, f64)> {
        let runs = self.map["runs"].as_array().context("no runs")?;
        let run = runs
            .iter()
            .find(|run| run["path"] == path && run["kind"] == "data");
        let run = run.with_context(|| format!("no data of {path}"))?;
        let middle = run["start"].as_f64().context("no start")? + run["blocks"].as_f64().unwrap_or(1.0) / 2.0;
        Ok((middle, self.map["blocks"].as_f64().context("no blocks")?))
    }

    /// Points at the data of a file on the strip.
    fn point_at(&mut self, path: &str) -> Result<()> {
        let (block, blocks) = self.block_of(path)?;
        let along = block / blocks * f64::from(TAPE.1);
        let row = along.floor();
        // Below each row is a line of the ground.
        let share = (along - row, (row + 0.4) / f64::from(TAPE.1));
        self.tab.point("document.getElementById('tape')", share)?;
        Ok(())
    }

    pub fn draws(&mut self) -> Result<()> {
        self.open()?;
        self.require_picture("spiral", "spiral", SPIRAL)?;
        self.require_picture("tape", "tape", TAPE)?;
        let drawn = self.tab.value("Number(document.documentElement.dataset.drawn)")?;
        self.require(drawn.as_f64().is_some_and(|drawn| drawn < 2000.0), || {
            format!("it was drawn after {drawn} ms")
        });
        Ok(())
    }

    pub fn tells(&mut self) -> Result<()> {
        self.open()?;
        for path in ["/large", "/needle", "/later"] {
            self.point_at(path)?;
            let said = self.said()?;
            self.require(
                said.contains("data of files") && said.contains(&format!("{path} (")),
                || format!("it says of {path}: {said}"),
            );
        }
        // The middle of the data of a file on the spiral.
        let (block, blocks) = self.block_of("/large")?;
        let (inner, outer, turns) = (0.34_f64, 0.985_f64, 40.0);
        let radius = (inner * inner + block / blocks * (outer * outer - inner * inner)).sqrt();
        let angle = std::f64::consts::TAU * turns * (radius - inner) / (outer - inner);
        let share = (0.5 + radius / 2.0 * angle.sin(), 0.5 - radius / 2.0 * angle.cos());
        self.tab.point("document.getElementById('spiral')", share)?;
        let said = self.said()?;
        self.require(said.contains("/large ("), || format!("the spiral says: {said}"));
        self.tab.point("document.getElementById('time')", (0.3, 0.5))?;
        let said = self.said()?;
        self.require(said.starts_with("Generation 2 of "), || {
            format!("the generations say: {said}")
        });
        Ok(())
    }

    pub fn obeys_keys(&mut self) -> Result<()> {
        self.open()?;
        let now = "document.getElementById('tape').getAttribute('aria-valuenow')";
        self.tab.value("document.getElementById('tape').focus()")?;
        let mut seen = vec![self.tab.text(now)?];
        for key in ["ArrowRight", "ArrowRight", "ArrowDown", "End", "Home"] {
            self.tab.key(key)?;
            seen.push(self.tab.text(now)?);
        }
        let last = self.map["blocks"].as_u64().context("no blocks")? - 1;
        let is_moving = seen[0] == "0" && seen[1] == "16" && seen[2] == "22" && seen[4] == last.to_string();
        self.require(is_moving && seen[5] == "0", || {
            format!("the keys led to {seen:?}")
        });
        let (said, spoken) = (
            self.said()?,
            self.tab
                .text("document.getElementById('tape').getAttribute('aria-valuetext')")?,
        );
        self.require(said == spoken && said.starts_with("Block 0: padding"), || {
            format!("shown is {said:?}, spoken {spoken:?}")
        });
        let window = "document.getElementById('window').textContent";
        let before = self.tab.text(window)?;
        self.tab.key("+")?;
        let after = self.tab.text(window)?;
        self.require(before != after, || format!("`+` leaves {before}"));
        Ok(())
    }

    pub fn finds(&mut self) -> Result<()> {
        self.open()?;
        let before = self.tab.colours("spiral", SPIRAL)?;
        self.tab.click("document.getElementById('find')")?;
        self.tab.insert("needle")?;
        self.tab.wait("document.querySelector('#hits button')")?;
        let hits = self
            .tab
            .text("document.getElementById('hits').innerText.trim()")?;
        self.require(hits == "/needle", || format!("it found {hits:?}"));
        self.tab.click("document.querySelector('#hits button')")?;
        let said = self.said()?;
        self.require(said.contains("/needle ("), || format!("it went to: {said}"));
        let after = self.tab.colours("spiral", SPIRAL)?;
        self.require(before != after, || "it highlights nothing".to_owned());
        self.tab.value("document.getElementById('find').value = ''")?;
        self.tab.click("document.getElementById('find')")?;
        self.tab.insert("nothing has this name")?;
        self.tab
            .wait("document.getElementById('hits').innerText === 'Nothing found'")?;
        Ok(())
    }

    pub fn switches(&mut self) -> Result<()> {
        self.open()?;
        let by_kind = self.tab.colours("spiral", SPIRAL)?;
        self.tab
            .click("document.querySelector('input[value=generation]')")?;
        let by_generation = self.require_picture("generations", "spiral", SPIRAL)?;
        self.require(by_kind != by_generation, || "nothing changes".to_owned());
        self.tab
            .click("document.querySelector('tr[data-era=\"2\"] button')")?;
        let pressed = "document.querySelector('tr[data-era=\"2\"] button').getAttribute('aria-pressed')";
        let pressed = self.tab.text(pressed)?;
        let only_second = self.tab.colours("spiral", SPIRAL)?;
        self.require(pressed == "true" && only_second != by_generation, || {
            "a generation is not highlighted".to_owned()
        });
        self.tab.click("document.getElementById('whole')")?;
        let again = self.tab.colours("spiral", SPIRAL)?;
        self.require(again == by_generation, || "the highlight stays".to_owned());
        Ok(())
    }

    pub fn is_dark(&mut self) -> Result<()> {
        let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        self.tab.call("Emulation.setEmulatedMedia", dark)?;
        self.open()?;
        self.require_picture("dark", "spiral", SPIRAL)?;
        let ground = self
            .tab
            .text("getComputedStyle(document.documentElement).backgroundColor")?;
        self.require(ground == "rgb(13, 17, 23)", || format!("the ground is {ground}"));
        Ok(())
    }

    /// What a screen reader gets.
    pub fn has_roles(&mut self) -> Result<()> {
        self.open()?;
        let tree = self.tab.call("Accessibility.getFullAXTree", json!({}))?;
        let nodes = tree["nodes"].as_array().context("no tree")?;
        let has = |role: &str, name: &str| {
            let mut nodes = nodes.iter();
            nodes.any(|node| {
                let said = node["name"]["value"].as_str().unwrap_or_default();
                node["role"]["value"] == role && said.contains(name)
            })
        };
        let wanted = [
            ("slider", "Block on the spiral of the disc"),
            ("slider", "Block on the strip of the disc"),
            ("slider", "Generation"),
            ("searchbox", "Find"),
            ("radio", "generation"),
            ("heading", "Generations"),
            ("button", "data of files"),
            ("button", "Zoom in"),
            ("status", ""),
        ];
        let missing: Vec<_> = wanted.iter().filter(|(role, name)| !has(role, name)).collect();
        self.require(missing.is_empty(), || format!("missing are {missing:?}"));
        Ok(())
    }

    pub fn prints(&mut self) -> Result<()> {
        self.open()?;
        let pdf = self.tab.print()?;
        std::fs::write(self.page.with_extension("pdf"), &pdf)?;
        let text = String::from_utf8_lossy(&pdf);
        let pages = text.matches("/Type /Page").count() - text.matches("/Type /Pages").count();
        self.require(pages == 1, || format!("the card takes {pages} sheets"));
        self.tab
            .call("Emulation.setEmulatedMedia", json!({"media": "print"}))?;
        let shown = "[...document.querySelectorAll('main > section, header')]\
                     .filter((one) => one.offsetParent !== null).map((one) => one.id).join()";
        let shown = self.tab.text(shown)?;
        self.require(shown == "card", || format!("printed are {shown}"));
        Ok(())
    }

    pub fn works_without_script(&mut self) -> Result<()> {
        self.tab
            .call("Emulation.setScriptExecutionDisabled", json!({"value": true}))?;
        self.tab.open(self.page)?;
        let shown = self.tab.text(
            "[...document.querySelectorAll('main section')].filter((one) => one.offsetParent !== null)\
             .map((one) => one.id).join()",
        )?;
        let expected = ",generations,sessions,readers,findings,unreadable,largest,card";
        self.require(shown == expected, || format!("shown are {shown}"));
        let rows = self
            .tab
            .value("document.querySelectorAll('#generations tbody tr').length")?;
        let generations = self.map["generations"].as_array().map_or(0, Vec::len);
        self.require(rows == generations, || {
            format!("{rows} rows for {generations} generations")
        });
        Ok(())
    }

    /// No script of the disc runs and no request is made, whatever is pointed at, found or printed.
    pub fn is_safe(&mut self) -> Result<()> {
        let watch = "addEventListener('securitypolicyviolation', (event) => { (window.violations ||= [])\
                     .push(event.violatedDirective + ' ' + event.blockedURI); });";
        self.tab
            .call("Page.addScriptToEvaluateOnNewDocument", json!({"source": watch}))?;
        self.open()?;
        for number in 0..20 {
            let share = (f64::from(number) / 20.0, 0.03);
            self.tab.point("document.getElementById('tape')", share)?;
        }
        self.tab.click("document.getElementById('find')")?;
        self.tab.insert("<script>window.pwned")?;
        self.tab.wait("document.querySelector('#hits button')")?;
        let hits = self.tab.text("document.getElementById('hits').innerText")?;
        ensure!(hits.contains(HOSTILE[0]), "a hostile name is not found: {hits}");
        self.tab.click("document.querySelector('#hits button')")?;
        self.tab.print()?;
        let title = self.tab.text("document.title")?;
        self.require(title.contains("</title>"), || format!("the title is {title:?}"));
        for (what, expected, expression) in [
            ("scripts", "2", "document.scripts.length"),
            (
                "other elements",
                "0",
                "document.querySelectorAll('img, svg, iframe, object, base').length",
            ),
            (
                "handlers",
                "0",
                "[...document.querySelectorAll('*')].filter((one) => [...one.attributes]\
              .some((attribute) => attribute.name.startsWith('on'))).length",
            ),
            ("marks of a script that ran", "undefined", "String(window.pwned)"),
            (
                "violations of the policy",
                "undefined",
                "String(window.violations)",
            ),
        ] {
            let found = self.tab.text(expression)?;
            self.require(found == expected, || format!("{what}: {found}"));
        }
        let dialogs = self.tab.events("Page.javascriptDialogOpening").len();
        self.require(dialogs == 0, || format!("{dialogs} dialogs opened"));
        let own = format!("file://{}", self.page.display());
        let mut requests = self.tab.requests();
        requests.retain(|request| *request != own && request != "data:,");
        self.require(requests.is_empty(), || format!("it asked for {requests:?}"));
        Ok(())
    }
}
