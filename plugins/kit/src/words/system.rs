//! What the system says when a file cannot be had.

use std::io;

use dianka_plugin_host::Text;

use crate::report::say;

/// The system's reason. In Chinese for what happens every day; in the system's own words with its number otherwise.
pub(crate) fn io_words(error: &io::Error) -> Text {
    let zh = match error.kind() {
        io::ErrorKind::NotFound => "文件或文件夹不存在".to_owned(),
        io::ErrorKind::PermissionDenied => "没有访问权限".to_owned(),
        io::ErrorKind::AlreadyExists => "已经存在，不会覆盖".to_owned(),
        io::ErrorKind::IsADirectory => "这是一个文件夹".to_owned(),
        io::ErrorKind::NotADirectory => "路径中有一段不是文件夹".to_owned(),
        io::ErrorKind::StorageFull => "磁盘已满".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "文件系统只读".to_owned(),
        io::ErrorKind::InvalidData => "内容不是文本".to_owned(),
        _ => format!("系统报告：{error}"),
    };
    let en = match error.kind() {
        io::ErrorKind::AlreadyExists => "it exists already and is not overwritten".to_owned(),
        _ => error.to_string(),
    };
    say(zh, en)
}
