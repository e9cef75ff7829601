//! Debian's Chromium without a window, driven by the DevTools protocol over a pair of pipes: no port is open,
//! and no library is needed.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

/// How long an answer may take, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// The browser reads commands from descriptor 3 and writes to descriptor 4. A shell makes them of its own.
const PIPES: &str = "exec \"$0\" \"$@\" 3<&0 4>&1 0</dev/null 1>&2";
/// Nothing but the pages that it is sent to: no updates, no lists of bad addresses, no first run.
const OPTIONS: [&str; 12] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // The tests run as root.
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-sync",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
];

/// A running browser.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    number: u64,
    /// Events that were received and not read yet.
    events: VecDeque<Value>,
}

/// A page in it.
pub struct Tab<'b> {
    browser: &'b mut Browser,
    session: String,
}

impl Browser {
    /// Starts it, with a profile in a folder.
    pub fn start(folder: &Path) -> Result<Self> {
        let mut child = Command::new("sh")
            .args(["-c", PIPES, "chromium"])
            .args(OPTIONS)
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .env("HOME", folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("chromium")?;
        let (Some(to), Some(out)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("chromium has no pipes");
        };
        let (sender, from) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(out).split(0) {
                let Ok(message) = message else { break };
                let Ok(value) = serde_json::from_slice(&message) else {
                    break;
                };
                if sender.send(value).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            child,
            to,
            from,
            number: 0,
            events: VecDeque::new(),
        })
    }

    /// Opens an empty page of a size.
    pub fn tab(&mut self, (width, height): (u32, u32)) -> Result<Tab<'_>> {
        let target = self.call(None, "Target.createTarget", json!({"url": "about:blank"}))?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.call(None, "Target.attachToTarget", attach)?;
        let session = attached["sessionId"].as_str().context("no session")?.to_owned();
        let mut tab = Tab {
            browser: self,
            session,
        };
        for domain in ["Page", "Network", "Runtime", "Accessibility"] {
            tab.call(&format!("{domain}.enable"), json!({}))?;
        }
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        tab.call("Emulation.setDeviceMetricsOverride", size)?;
        Ok(tab)
    }

    fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Result<Value> {
        self.number += 1;
        let mut command = json!({"id": self.number, "method": method, "params": parameters});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        self.to.write_all(&bytes).with_context(|| method.to_owned())?;
        let until = Instant::now() + PATIENCE;
        loop {
            let message = self.next(until).with_context(|| method.to_owned())?;
            if message["id"] != self.number {
                self.events.push_back(message);
                continue;
            }
            if let Some(error) = message.get("error") {
                bail!("{method}: {error}");
            }
            return Ok(message["result"].clone());
        }
    }

    fn next(&self, until: Instant) -> Result<Value> {
        match self
            .from
            .recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            Ok(message) => Ok(message),
            Err(RecvTimeoutError::Timeout) => bail!("chromium does not answer"),
            Err(RecvTimeoutError::Disconnected) => bail!("chromium has ended"),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.call(None, "Browser.close", json!({}));
        // It ends by itself; if it does not, it must not stay.
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Tab<'_> {
    /// Sends a command and returns the answer.
    pub fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.browser.call(Some(&self.session), method, parameters)
    }

    /// Opens a file and waits until it is loaded. Returns what it asked the network for.
    pub fn open(&mut self, page: &Path) -> Result<Vec<String>> {
        let url = format!("file://{}", page.display());
        self.browser.events.clear();
        let begun = self.call("Page.navigate", json!({"url": url}))?;
        ensure!(begun.get("errorText").is_none(), "{url}: {begun}");
        let until = Instant::now() + PATIENCE;
        while !self.has_event("Page.loadEventFired") {
            let message = self.browser.next(until)?;
            self.browser.events.push_back(message);
        }
        Ok(self.requests())
    }

    fn has_event(&self, method: &str) -> bool {
        self.browser.events.iter().any(|event| event["method"] == method)
    }

    /// The addresses of all requests since the page was opened.
    pub fn requests(&self) -> Vec<String> {
        let requests = self.events("Network.requestWillBeSent");
        let url = |event: &Value| event["params"]["request"]["url"].as_str().map(str::to_owned);
        requests.iter().filter_map(url).collect()
    }

    /// The events of a kind since the page was opened.
    pub fn events(&self, method: &str) -> Vec<Value> {
        let events = self.browser.events.iter();
        events
            .filter(|event| event["method"] == method)
            .cloned()
            .collect()
    }

    /// The value of an expression in the page, as JSON.
    pub fn value(&mut self, expression: &str) -> Result<Value> {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let result = self.call("Runtime.evaluate", parameters)?;
        if let Some(thrown) = result.get("exceptionDetails") {
            bail!("{expression}: {thrown}");
        }
        Ok(result["result"]["value"].clone())
    }

    /// The text of an expression in the page.
    pub fn text(&mut self, expression: &str) -> Result<String> {
        let value = self.value(expression)?;
        Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// Waits until an expression holds, and until what it led to is drawn.
    pub fn wait(&mut self, expression: &str) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while self.value(&format!("Boolean({expression})"))? != Value::Bool(true) {
            ensure!(Instant::now() < until, "{expression} does not come to hold");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.settle()
    }

    /// Waits for the second frame from now on.
    pub fn settle(&mut self) -> Result<()> {
        self.value(
            "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))",
        )?;
        Ok(())
    }

    /// Moves the pointer to a place inside an element, in shares of its size.
    pub fn point(&mut self, element: &str, share: (f64, f64)) -> Result<(f64, f64)> {
        let place = self.value(&format!(
            "(() => {{ const one = {element}; one.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             const box = one.getBoundingClientRect(); \
             return [box.left + box.width * {}, box.top + box.height * {}]; }})()",
            share.0, share.1
        ))?;
        let at = |index: usize| place[index].as_f64().context("no place");
        let (x, y) = (at(0)?, at(1)?);
        self.mouse("mouseMoved", (x, y), 0)?;
        self.settle()?;
        Ok((x, y))
    }

    /// Clicks in the middle of an element.
    pub fn click(&mut self, element: &str) -> Result<()> {
        let place = self.point(element, (0.5, 0.5))?;
        self.mouse("mousePressed", place, 1)?;
        self.mouse("mouseReleased", place, 1)?;
        self.settle()
    }

    fn mouse(&mut self, kind: &str, (x, y): (f64, f64), clicks: u32) -> Result<()> {
        let button = if clicks == 0 { "none" } else { "left" };
        let parameters = json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": clicks});
        self.call("Input.dispatchMouseEvent", parameters)?;
        Ok(())
    }

    /// Presses a key.
    pub fn key(&mut self, key: &str) -> Result<()> {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({"type": kind, "key": key}))?;
        }
        self.settle()
    }

    /// Types text.
    pub fn insert(&mut self, text: &str) -> Result<()> {
        self.call("Input.insertText", json!({"text": text}))?;
        Ok(())
    }

    /// The average colours of a canvas in a grid, row by row: red, green and blue of each field.
    pub fn colours(&mut self, canvas: &str, (columns, rows): (u32, u32)) -> Result<Vec<u8>> {
        let value = self.value(&format!(
            "(() => {{ const from = document.getElementById('{canvas}'); \
             const pixels = from.getContext('2d').getImageData(0, 0, from.width, from.height).data; \
             const sums = new Float64Array({columns} * {rows} * 4); \
             for (let y = 0, at = 0; y < from.height; y += 1) for (let x = 0; x < from.width; x += 1, at += 4) {{ \
             const field = (Math.floor(y * {rows} / from.height) * {columns} \
             + Math.floor(x * {columns} / from.width)) * 4; \
             for (let part = 0; part < 3; part += 1) sums[field + part] += pixels[at + part] * pixels[at + 3] / 255; \
             sums[field + 3] += 1; }} \
             return Array.from({{ length: {columns} * {rows} * 3 }}, (_, at) => \
             Math.round(sums[Math.floor(at / 3) * 4 + at % 3] / Math.max(sums[Math.floor(at / 3) * 4 + 3], 1))); }})()"
        ))?;
        serde_json::from_value(value).context("colours")
    }

    /// Keeps a picture of the window.
    pub fn shoot(&mut self, file: &Path) -> Result<()> {
        let shot = self.call("Page.captureScreenshot", json!({"format": "png"}))?;
        let bytes = decode(shot["data"].as_str().context("no picture")?)?;
        std::fs::write(file, bytes).with_context(|| file.display().to_string())
    }

    /// Prints the page, and returns the PDF.
    pub fn print(&mut self) -> Result<Vec<u8>> {
        let printed = self.call("Page.printToPDF", json!({"preferCSSPageSize": true}))?;
        decode(printed["data"].as_str().context("no PDF")?)
    }
}

/// Bytes in base 64 (RFC 4648).
fn decode(text: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut value, mut bits) = (0_u32, 0);
    for digit in text.bytes().take_while(|digit| *digit != b'=') {
        let digit = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => bail!("not base 64"),
        };
        value = value << 6 | u32::from(digit);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(value >> bits & 0xFF)?);
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_decoded() -> Result<()> {
        for (text, expected) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9vYg==", "foob")] {
            assert_eq!(decode(text)?, expected.as_bytes());
        }
        assert!(decode("Zg\n").is_err());
        Ok(())
    }
}
