//! The pages of the browser: built into the binary, or from a folder (`--ui-dir`).
//!
//! Files under `assets/` carry a hash in their name and never change; everything else is checked by its ETag.
//! An address that is no file is one of the pages' own routes and gets `index.html`.

use crate::errors::Code;
use crate::http::problem::Problem;
use actix_web::http::Method;
use actix_web::http::header::{self, CacheControl, CacheDirective, ETag, EntityTag, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

#[derive(RustEmbed)]
#[folder = "$DIANKA_PAGES"]
struct BuiltIn;

/// Where the pages come from.
#[derive(Clone, Debug)]
pub struct Pages {
    folder: Option<Arc<Path>>,
}

struct File {
    data: Cow<'static, [u8]>,
    hash: [u8; 32],
}

impl Pages {
    /// From this folder, or the built-in ones.
    #[must_use]
    pub fn new(folder: Option<&Path>) -> Pages {
        Pages { folder: folder.map(Arc::from) }
    }

    /// Registers the routes. Nothing under `/api` is a page.
    pub fn serve(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(web::Data::new(self.clone()));
        cfg.route("/{path:.*}", web::get().to(page));
        cfg.route("/{path:.*}", web::head().to(page));
    }

    async fn file(&self, path: &str) -> Option<File> {
        match &self.folder {
            None => {
                let file = BuiltIn::get(path)?;
                Some(File { hash: file.metadata.sha256_hash(), data: file.data })
            }
            Some(folder) => {
                let full: PathBuf = folder.join(path);
                let data = tokio::fs::read(full).await.ok()?;
                Some(File { hash: Sha256::digest(&data).into(), data: Cow::Owned(data) })
            }
        }
    }
}

async fn page(req: HttpRequest, path: web::Path<String>, pages: web::Data<Pages>) -> Result<HttpResponse, Problem> {
    let path = path.into_inner();
    if path == "api" || path.starts_with("api/") {
        return Err(Code::NotFound.into());
    }
    let plain = Path::new(&path).components().all(|part| matches!(part, Component::Normal(_)));
    let found = if plain && !path.is_empty() { pages.file(&path).await } else { None };
    let looks_like_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match found {
        Some(file) => Ok(answer(&req, &path, file)),
        // A missing script must not come back as a page.
        None if looks_like_file => Err(Code::NotFound.into()),
        None => match pages.file("index.html").await {
            Some(file) => Ok(answer(&req, "index.html", file)),
            None => Err(Problem::new(Code::NotFound).because("index.html is missing in the folder of the pages")),
        },
    }
}

fn answer(req: &HttpRequest, path: &str, file: File) -> HttpResponse {
    use actix_web::http::header::Header;
    let tag = EntityTag::new_strong(hex::encode(file.hash).chars().take(32).collect());
    let cache = if path.starts_with("assets/") {
        vec![
            CacheDirective::Public,
            CacheDirective::MaxAge(31_536_000),
            CacheDirective::Extension("immutable".into(), None),
        ]
    } else {
        vec![CacheDirective::NoCache]
    };
    // Compression makes the tag weak on the way out, so compare weakly.
    let known = match IfNoneMatch::parse(req) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|t| t.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut builder = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    builder.insert_header(ETag(tag)).insert_header(CacheControl(cache));
    if known {
        return builder.finish();
    }
    builder.insert_header((header::CONTENT_TYPE, media_type(path)));
    if req.method() == Method::HEAD { builder.finish() } else { builder.body(file.data.into_owned()) }
}

/// The types that the pages are made of.
fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
