//! Finds the built pages for embedding; without them (no Node on this machine) a stub page says so.

use std::error::Error;
use std::path::PathBuf;

const STUB: &str = r#"<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>Dianka 电卡</title></head>
<body>
<h1>Dianka 电卡</h1>
<p>服务器已运行,但编译时没有网页。请在 web/ 中运行 npm ci 和 npm run build,再重新编译服务器;或用 --ui-dir 指定网页目录。</p>
<p>The server runs, but was built without its pages. In web/ run npm ci and npm run build, then build the server
again; or name a folder with --ui-dir.</p>
<p><a href="/api/docs/">API</a></p>
</body>
</html>
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let dist = root.join("../web/dist");
    // A watched path that is missing makes cargo build this crate anew every time: so the folder is made, empty. On a
    // tree that cannot be written to, that price is paid.
    let _ = std::fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed=../web/dist");
    println!("cargo::rerun-if-changed=build.rs");
    let pages = if dist.join("index.html").is_file() {
        dist.canonicalize()?
    } else {
        let stub = PathBuf::from(std::env::var("OUT_DIR")?).join("stub-pages");
        std::fs::create_dir_all(&stub)?;
        std::fs::write(stub.join("index.html"), STUB)?;
        stub
    };
    println!("cargo::rustc-env=DIANKA_PAGES={}", pages.display());
    Ok(())
}
