//! A static file server on the loopback address: enough for the app, its tests and a classroom.
//!
//! It answers GET and HEAD, one connection per request. A path is looked up name by name, so nothing
//! outside the folder can be asked for; an unknown path is a 404, never the start page.

use crate::Result;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// A folder of the server under which everything can be reached as well, as on a project page:
/// it shows that all addresses of the app are relative.
pub const SUBPATH: &str = "/sub/path/";

/// Serves a folder until the process ends; prints the address on a line of its own.
pub fn serve_forever(folder: &Path, port: u16) -> Result<()> {
    let listener = listen(port)?;
    println!("serving {} (Ctrl-C stops)", folder.file_name().unwrap_or_default().to_string_lossy());
    println!("{}", address(&listener)?);
    accept(&listener, folder);
    Ok(())
}

/// Serves a folder from a thread of its own on any free port; gives the address.
pub fn serve_aside(folder: &Path) -> Result<String> {
    let listener = listen(0)?;
    let address = address(&listener)?;
    let folder = folder.to_path_buf();
    thread::spawn(move || accept(&listener, &folder));
    Ok(address)
}

fn listen(port: u16) -> Result<TcpListener> {
    let last = if port == 0 { 0 } else { port.saturating_add(99) };
    (port..=last)
        .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
        .ok_or_else(|| format!("no free port from {port} to {last}").into())
}

fn address(listener: &TcpListener) -> Result<String> {
    Ok(format!("http://127.0.0.1:{}/", listener.local_addr()?.port()))
}

fn accept(listener: &TcpListener, folder: &Path) {
    for stream in listener.incoming().flatten() {
        let folder = folder.to_path_buf();
        // A browser that goes away in the middle of an answer is no event.
        thread::spawn(move || answer(stream, &folder).ok());
    }
}

fn answer(mut stream: TcpStream, folder: &Path) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?.take(64 * 1024));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    // The headers are read (an answer before that could be lost) and not needed.
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let reply = reply(folder, &request);
    write!(
        stream,
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
         X-Content-Type-Options: nosniff\r\nConnection: close\r\n{}\r\n",
        reply.status,
        reply.mime,
        reply.body.len(),
        reply.location.map(|to| format!("Location: {to}\r\n")).unwrap_or_default(),
    )?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&reply.body)?;
    }
    stream.flush()
}

/// An answer before it is written out.
struct Reply {
    status: &'static str,
    mime: &'static str,
    location: Option<String>,
    body: Vec<u8>,
}

fn reply(folder: &Path, request: &str) -> Reply {
    let text = |status, text: &str| Reply {
        status,
        mime: "text/plain; charset=utf-8",
        location: None,
        body: text.as_bytes().to_vec(),
    };
    let mut words = request.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return text("400 Bad Request", "not a request\n");
    };
    if method != "GET" && method != "HEAD" {
        return text("405 Method Not Allowed", "only GET and HEAD\n");
    }
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path =
        path.strip_prefix(SUBPATH.trim_end_matches('/')).filter(|p| p.starts_with('/')).unwrap_or(path);
    let Some(mut file) = locate(folder, path) else {
        return text("404 Not Found", "not found\n");
    };
    if file.is_dir() {
        if !path.ends_with('/') {
            // Without the slash the page's relative addresses would miss the folder.
            let location = Some(format!("{}/", target.split(['?', '#']).next().unwrap_or_default()));
            return Reply { location, ..text("301 Moved Permanently", "moved\n") };
        }
        file.push("index.html");
    }
    match fs::read(&file) {
        Ok(body) => Reply { status: "200 OK", mime: mime(&file), location: None, body },
        Err(_) => text("404 Not Found", "not found\n"),
    }
}

/// The file or folder of a request's path, if its names are plain and it exists.
fn locate(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut file = folder.to_path_buf();
    for name in path.strip_prefix('/')?.split('/').filter(|name| !name.is_empty()) {
        let name = percent_decode(name)?;
        // Hidden names cover `.` and `..`; the rest would leave the folder once decoded.
        if name.starts_with('.') || name.contains(['/', '\\', '\0', ':']) {
            return None;
        }
        file.push(name);
    }
    let real = file.canonicalize().ok()?;
    real.starts_with(folder.canonicalize().ok()?).then_some(file)
}

fn percent_decode(name: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn mime(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "mms" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A served folder, with a secret beside it.
    fn site(name: &str) -> PathBuf {
        let around = std::env::temp_dir().join(format!("mmscope-serve-{name}-{}", std::process::id()));
        let folder = around.join("dist");
        fs::create_dir_all(folder.join("deep")).unwrap();
        fs::write(around.join("secret"), "s").unwrap();
        fs::write(folder.join("index.html"), "<p>").unwrap();
        fs::write(folder.join("app.wasm"), "w").unwrap();
        fs::write(folder.join("deep/index.html"), "<b>").unwrap();
        folder
    }

    #[test]
    fn files_folders_and_unknown_paths() {
        let folder = site("files");
        let get = |path: &str| {
            let reply = reply(&folder, &format!("GET {path} HTTP/1.1"));
            format!("{} {} {}", &reply.status[..3], reply.mime, String::from_utf8_lossy(&reply.body))
        };
        assert_eq!(get("/"), "200 text/html; charset=utf-8 <p>");
        assert_eq!(get("/?a#b"), "200 text/html; charset=utf-8 <p>");
        assert_eq!(get("/app.wasm"), "200 application/wasm w");
        assert_eq!(get("/sub/path/app.wasm"), "200 application/wasm w");
        assert_eq!(get("/deep/"), "200 text/html; charset=utf-8 <b>");
        assert!(get("/deep").starts_with("301"));
        assert!(get("/sub/path/").starts_with("200"));
        assert!(get("/none").starts_with("404"));
        assert!(reply(&folder, "POST / HTTP/1.1").status.starts_with("405"));
        assert!(reply(&folder, "").status.starts_with("400"));
    }

    #[test]
    fn nothing_outside_the_folder() {
        let folder = site("outside");
        for path in [
            "/../secret",
            "/%2e%2e/secret",
            "/..%2fsecret",
            "/deep/../../secret",
            "//../secret",
            "/%00",
            "secret",
        ] {
            assert!(reply(&folder, &format!("GET {path} HTTP/1.1")).status.starts_with("404"), "{path}");
        }
    }

    #[test]
    fn answers_over_a_socket() {
        let address = serve_aside(&site("socket")).unwrap();
        let host = address.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(b"HEAD /app.wasm HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(
            text.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/wasm\r\nContent-Length: 1\r\n")
        );
        assert!(text.ends_with("\r\n\r\n"));
    }
}
