//! Finding and reading the modules that a script imports.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Error, Exception, Function, Module, Result};

use crate::js;

/// Files that the script reads, each read once for all users.
#[derive(Debug, Default)]
pub struct Files {
    read: Mutex<HashMap<PathBuf, Arc<[u8]>>>,
}

impl Files {
    /// Has a text stand for a file, for scripts that are not on disk.
    pub fn put(&self, path: &Path, text: &str) {
        self.lock().insert(path.to_owned(), text.as_bytes().into());
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn bytes(&self, path: &Path) -> std::result::Result<Arc<[u8]>, String> {
        if let Some(bytes) = self.lock().get(path) {
            return Ok(Arc::clone(bytes));
        }
        let bytes: Arc<[u8]> = std::fs::read(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?
            .into();
        self.lock().insert(path.to_owned(), Arc::clone(&bytes));
        Ok(bytes)
    }

    /// Whether one of the files that were read has this text in it.
    pub fn mention(&self, text: &str) -> bool {
        let is_there = |bytes: &Arc<[u8]>| String::from_utf8_lossy(bytes).contains(text);
        self.lock().values().any(is_there)
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &Path) -> bool {
        self.lock().contains_key(path) || path.is_file()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Arc<[u8]>>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of the module that `name` means in the module `base`: one of k6's, or the absolute path of a file.
///
/// # Errors
/// A sentence that says why there is none.
pub fn resolve(files: &Files, base: &str, name: &str) -> std::result::Result<String, String> {
    if js::is_builtin(name) {
        return Ok(name.to_owned());
    }
    if name == "k6" || name.starts_with("k6/") {
        return Err(format!(
            "the module {name} is not supported; there are: {}",
            js::BUILTIN.join(", ")
        ));
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return Err(format!(
            "{name}: modules are not imported from URLs; download the file and import it by its path"
        ));
    }
    let path = name.strip_prefix("file://").unwrap_or(name);
    if !path.starts_with("./") && !path.starts_with("../") && !path.starts_with('/') {
        return Err(format!(
            "the module {name} is neither one of k6's nor the path of a file (write ./{name} for a file beside the script)"
        ));
    }
    let path = absolute(base, path);
    if !files.has(&path) {
        return Err(format!(
            "the module {name} was not found: there is no file {}",
            path.display()
        ));
    }
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension {
        Some("ts") => Err(format!(
            "{name}: TypeScript is not supported; compile it to JavaScript first"
        )),
        Some("json") => Err(format!(
            "{name} is no module; read it with JSON.parse(open('{name}'))"
        )),
        _ => Ok(path.to_string_lossy().into_owned()),
    }
}

/// A path as it is meant in the file `base`, without `.` and `..`.
pub fn absolute(base: &str, path: &str) -> PathBuf {
    let folder = Path::new(base).parent().unwrap_or(Path::new("/"));
    let mut whole = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            other => whole.push(other),
        }
    }
    whole
}

/// Resolves names for the engine.
pub struct ScriptResolver(pub Arc<crate::run::Test>);

impl Resolver for ScriptResolver {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        resolve(&self.0.files, base, name).map_err(|reason| Exception::throw_message(ctx, &reason))
    }
}

/// Reads modules for the engine.
pub struct ScriptLoader(pub Arc<crate::run::Test>);

impl Loader for ScriptLoader {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        if let Some(module) = js::declare(ctx, name) {
            return module;
        }
        let bytes = self
            .0
            .files
            .bytes(Path::new(name))
            .map_err(|reason| Exception::throw_message(ctx, &reason))?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Error::new_loading_message(name, "the file is not UTF-8"))?;
        declare(ctx, name, &as_module(text))
    }
}

/// The line of a script that imports what a module does not export, which the engine does not tell.
pub fn importer(files: &Files, message: &str) -> Option<String> {
    let (name, rest) = message
        .split_once("Could not find export '")?
        .1
        .split_once('\'')?;
    let module = rest.rsplit('\'').nth(1)?;
    let module = module.rsplit('/').next()?;
    let imports = |line: &str| {
        let named = name == "default" || line.contains(name);
        named && line.contains(module) && (line.contains("import") || line.contains("export"))
    };
    let read = files.lock();
    read.iter().find_map(|(path, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        let line = text.lines().position(imports)?;
        Some(format!("{}:{}", path.display(), line + 1))
    })
}

/// Compiles a module, and gives it `import.meta.resolve`.
///
/// # Errors
/// What the engine finds wrong with it.
pub fn declare<'js>(ctx: &Ctx<'js>, name: &str, text: &str) -> Result<Module<'js, Declared>> {
    let module = Module::declare(ctx.clone(), name, text.as_bytes())?;
    if text.contains("import.meta") {
        let base = name.to_owned();
        let resolve = Function::new(ctx.clone(), move |wanted: String| {
            if js::is_builtin(&wanted) || wanted.contains("://") {
                return wanted;
            }
            format!("file://{}", absolute(&base, &wanted).display())
        })?;
        module.meta()?.set("resolve", resolve.with_name("resolve")?)?;
    }
    Ok(module)
}

/// The text as an ES module: files in the style of Node (`module.exports = …`) get a shell around them, on their first line, so that
/// the numbers of their lines stay.
pub fn as_module(text: &str) -> std::borrow::Cow<'_, str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !is_common_js(text) {
        return text.into();
    }
    let names: std::collections::BTreeSet<&str> = text
        .match_indices("exports.")
        .filter_map(|(at, found)| exported_name(&text[at + found.len()..]))
        .collect();
    let mut whole = format!(
        "const module$ = {{ exports: {{}} }}; (function (module, exports) {{ {text}\n}}).call(module$.exports, module$, module$.exports);\nexport default module$.exports;\n"
    );
    for name in names {
        whole.push_str(&format!(
            "const {name}$ = module$.exports.{name}; export {{ {name}$ as {name} }};\n"
        ));
    }
    whole.into()
}

fn is_common_js(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    let is_module = lines.any(|line| {
        [
            "import ", "import{", "import\"", "import'", "export ", "export{", "export*",
        ]
        .iter()
        .any(|word| line.starts_with(word))
    });
    !is_module && (text.contains("module.exports") || text.contains("exports."))
}

/// The name before an `=` that is not `==`.
fn exported_name(rest: &str) -> Option<&str> {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, after) = rest.split_at(end);
    let after = after.trim_start();
    let assigned = after.starts_with('=') && !after.starts_with("==");
    (assigned && !name.is_empty() && name != "default" && !name.starts_with(|c: char| c.is_ascii_digit()))
        .then_some(name)
}
