//! Loading the experiment, from a file or over http(s), between the hooks of global controls.

use std::path::PathBuf;

use chaos_engine::document::{source, yaml};
use chaos_engine::net;
use chaos_engine::provider::bridge::{Context, Hook, Lane, PythonError, Scene};
use chaos_engine::run::is_in_scope;
use chaos_engine::value::{Map, Value, json};
use tracing::{debug, error};
use url::Url;

use super::{LaunchError, Session};

/// The document as an experiment that can be run.
pub fn as_experiment(document: Value) -> Result<Map, LaunchError> {
    match document {
        Value::Map(experiment) => Ok(experiment),
        _ => Err(LaunchError::NoMapping),
    }
}

impl Session {
    /// Loads the document that `source` names.
    ///
    /// # Errors
    /// When there is none, or it does not parse.
    pub async fn load_experiment(
        &self,
        source: &str,
        verify_tls: bool,
        controls: &[Value],
    ) -> Result<Value, LaunchError> {
        let before = self.loading_hooks(true, source, None, controls).await;
        let loaded = match before {
            Ok(_) => self.read_document(source, verify_tls).await,
            Err(stopped) => Err(stopped),
        };
        // these hooks are called even when there is no document to show them
        let shown = loaded.as_ref().ok().cloned();
        let changed = self.loading_hooks(false, source, shown, controls).await;
        let document = loaded?;
        Ok(changed?.unwrap_or(document))
    }

    async fn read_document(&self, source: &str, verify_tls: bool) -> Result<Value, LaunchError> {
        let origin = source::locate(source, &self.host.borrow())?;
        match origin {
            source::Origin::File(path) => Ok(source::read_file(&path)?.1),
            source::Origin::Url(url) => self.fetch(&url, verify_tls).await,
        }
    }

    async fn fetch(&self, url: &Url, verify_tls: bool) -> Result<Value, LaunchError> {
        let host = self.host.borrow().clone();
        let mut request = net::Request::new("GET", url.clone());
        request
            .headers
            .push(("Accept".to_owned(), source::ACCEPT.to_owned()));
        if let Some(authorization) = source::authorization(url, &host, &self.settings())? {
            request.headers.push(("Authorization".to_owned(), authorization));
        }
        request.verify_tls = verify_tls;
        let shown = net::shown(url);
        let response = net::send(&request, &host)
            .await
            .map_err(|source| LaunchError::Fetch {
                url: shown.clone(),
                source,
            })?;
        let body = response.text();
        if response.status != 200 {
            return Err(LaunchError::Refused {
                url: shown,
                status: response.status,
                body,
            });
        }
        Ok(source::parse_fetched(
            response.header("content-type").unwrap_or_default(),
            &body,
            url,
        )?)
    }

    /// The controls of the settings and of control files that can be had. A file that does not parse, and a module
    /// that is not there, are logged and left out, as in the Chaos Toolkit.
    ///
    /// # Errors
    /// When a control file cannot be read, or a module is there and cannot be imported: what it guards must not be
    /// run without it.
    pub async fn load_global_controls(&self, files: &[PathBuf]) -> Result<Vec<Value>, LaunchError> {
        let mut declared: Vec<(String, Value)> = Vec::new();
        if let Some(controls) = self.settings().get("controls").and_then(Value::as_map) {
            declared.extend(controls.clone());
        }
        for file in files {
            declared.extend(self.read_control_file(file)?);
        }
        let mut controls = Vec::new();
        for (name, mut control) in declared {
            let Some(map) = control.as_map_mut() else { continue };
            map.insert("name".to_owned(), name.clone().into());
            let provider = map.get("provider");
            let module = provider
                .and_then(|p| p.get("module"))
                .and_then(Value::as_str)
                .unwrap_or_default();
            let is_python = provider.and_then(|p| p.get("type")).and_then(Value::as_str) == Some("python");
            let inspected = match is_python && self.catalogue.control(module).is_none() {
                true => self.bridge.inspect_control(module).await.map(drop),
                false => Ok(()),
            };
            match inspected {
                Ok(()) => controls.push(control),
                Err(source @ (PythonError::ImportRaised { .. } | PythonError::Exit(_))) => {
                    return Err(LaunchError::ControlModule { name, source });
                }
                Err(reason) => debug!("The global control '{name}' is left out: {reason}"),
            }
        }
        Ok(controls)
    }

    fn read_control_file(&self, file: &PathBuf) -> Result<Map, LaunchError> {
        let path = self.host.borrow().resolve(file);
        let text = std::fs::read_to_string(&path).map_err(|error| LaunchError::Controls {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        let parsed = match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => yaml::parse(&text).map_err(|error| error.to_string()),
            Some("json") => json::parse(&text).map_err(|error| error.to_string()),
            _ => {
                let reason = "its name must end with .yaml, .yml or .json".to_owned();
                return Err(LaunchError::Controls { path, reason });
            }
        };
        match parsed {
            Ok(Value::Map(controls)) => Ok(controls),
            Ok(Value::Null) => Ok(Map::new()),
            Ok(_) => Err(LaunchError::Controls {
                path,
                reason: "it must map names to controls".to_owned(),
            }),
            Err(reason) => {
                error!(
                    "The control file {} is left out, it does not parse: {reason}",
                    path.display()
                );
                Ok(Map::new())
            }
        }
    }
}

impl Session {
    /// The loading hooks of global controls: before, with the source as context, and after, with the document as
    /// state, which they may change. Returns that state.
    ///
    /// # Errors
    /// When a hook interrupts: nothing is run then.
    async fn loading_hooks(
        &self,
        before: bool,
        source: &str,
        mut state: Option<Value>,
        controls: &[Value],
    ) -> Result<Option<Value>, LaunchError> {
        let hook = match before {
            true => "before_loading_experiment_control",
            false => "after_loading_experiment_control",
        };
        let context = Value::from(source);
        let settings = Value::Map(self.settings());
        for control in controls {
            let provider = control.get("provider");
            let module = provider
                .and_then(|p| p.get("module"))
                .and_then(Value::as_str)
                .unwrap_or_default();
            let in_scope = control
                .as_map()
                .is_none_or(|control| is_in_scope(control, before));
            // native controls have no hooks for loading
            if !in_scope || self.catalogue.control(module).is_some() {
                continue;
            }
            let defined = self
                .bridge
                .inspect_control(module)
                .await
                .is_ok_and(|hooks| hooks.contains(hook));
            if !defined {
                continue;
            }
            let arguments = provider
                .and_then(|p| p.get("arguments"))
                .and_then(Value::as_map)
                .cloned();
            let arguments = arguments.unwrap_or_default();
            let scene = Scene {
                state: state.as_ref(),
                settings: Some(&settings),
                ..Scene::default()
            };
            let call = Hook {
                module,
                name: hook,
                arguments: &arguments,
                context: Context::Value(&context),
                scene,
            };
            let end = self.bridge.hook(&call, Lane::Foreground).await;
            state = end.changes.state.or(state);
            match end.outcome {
                Err(PythonError::Interrupt { text, .. }) => {
                    let module = module.to_owned();
                    return Err(LaunchError::Interrupted { module, text });
                }
                Err(error) => debug!("A loading hook of '{module}' raised: {error}"),
                Ok(()) => {}
            }
        }
        Ok(state)
    }
}
