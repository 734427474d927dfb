//! docs/api.md is generated from the three OpenAPI documents, and must be up to date.
//!
//! `REWRITE=1 cargo test -p lab api_page` generates it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::{env, fs};

use serde_json::{Map, Value};

use crate::running_lab::RunningLab;
use crate::workspace;

const PREFACE: &str = "# What the services answer

Made from the OpenAPI documents that the services serve at `/openapi.json`; a test holds it against them, and
`REWRITE=1 cargo test -p lab api_page` generates it. The same is to be read and tried in a browser, at
<http://localhost:5003/docs>: register, log in, and follow the links to person and health, which take the login along.

<picture>
  <source media=\"(prefers-color-scheme: dark)\" srcset=\"pictures/docs-desktop-dark.png\">
  <img src=\"pictures/docs-desktop-light.png\" width=\"640\"
    alt=\"The page of health: a record was added; beside the answer, a diagram of who asked whom, and each value within \
its range\">
</picture>
<picture>
  <source media=\"(prefers-color-scheme: dark)\" srcset=\"pictures/docs-phone-dark.png\">
  <img src=\"pictures/docs-phone-light.png\" width=\"152\" alt=\"The same on a phone\">
</picture>
";

/// The methods in the order of the page.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[test]
fn api_page_is_up_to_date() {
    let lab = RunningLab::start_live();
    let documents = lab.anonymous().map(|service| Document(service.get("/openapi.json").expect(200).json()));
    let page = page(&documents);
    let file = workspace().join("docs/api.md");
    if env::var_os("REWRITE").is_some() {
        fs::write(&file, &page).expect("docs/api.md can be written");
    }
    let kept = fs::read_to_string(&file).expect("docs/api.md");
    for (number, (kept, made)) in (1..).zip(kept.lines().zip(page.lines())) {
        assert_eq!(kept, made, "docs/api.md:{number}; REWRITE=1 generates the page");
    }
    assert_eq!(kept.len(), page.len(), "docs/api.md has another length; REWRITE=1 generates the page");
}

fn page(documents: &[Document]) -> String {
    let [first, others @ ..] = documents else { panic!("no documents") };
    let mut everywhere = first.answers();
    for other in others {
        let answers = other.answers();
        everywhere.retain(|answer| answers.contains(answer));
    }
    let mut page = PREFACE.to_owned();
    for document in documents {
        document.write(&everywhere, &mut page);
    }
    page.push_str("\n## Every service\n\n");
    page.push_str(text(&first.0["info"]["description"]));
    page.push_str("\n\n");
    first.write_routes(true, &mut page);
    write_answers(&everywhere, &mut page);
    page
}

/// Statuses, each with its meaning.
type Answers = BTreeSet<(String, String)>;

fn write_answers(answers: &Answers, page: &mut String) {
    page.push_str("\n| answer | when |\n|---|---|\n");
    for (status, when) in answers {
        writeln!(page, "| {status} | {when} |").expect("memory");
    }
}

/// An OpenAPI document.
struct Document(Value);

impl Document {
    /// Writes the routes, parameters, bodies and answers that only this service has.
    fn write(&self, everywhere: &Answers, page: &mut String) {
        let info = &self.0["info"];
        let port = text(&self.0["servers"][0]["url"]).rsplit(':').next().expect("a port");
        let about = [&info["summary"], &self.0["tags"][0]["description"]].map(text).join(" ");
        write!(page, "\n## {}, port {port}\n\n{about}\n\n", text(&info["title"])).expect("memory");
        self.write_routes(false, page);
        self.write_parameters(page);
        self.write_bodies(page);
        write_answers(&self.answers().difference(everywhere).cloned().collect(), page);
    }

    /// Returns the operations that every service has, or the others.
    fn operations(&self, common: bool) -> impl Iterator<Item = (String, &Value)> {
        let paths = object(&self.0["paths"]).iter();
        paths
            .flat_map(|(path, item)| {
                METHODS.iter().map(move |method| (format!("{} {path}", method.to_uppercase()), &item[method]))
            })
            .filter(move |(_, operation)| {
                !operation.is_null() && (operation["tags"][0] == "service") == common
            })
    }

    fn write_routes(&self, common: bool, page: &mut String) {
        page.push_str("| call | description | for | answers |\n|---|---|---|---|\n");
        for (call, operation) in self.operations(common) {
            let access = match list(&operation["security"]) {
                [] => "anybody",
                [of_one] if list(&of_one["bearer"]).is_empty() => "a token",
                _ => "a service's token",
            };
            let more = operation["description"].as_str().map(|more| format!(". {more}")).unwrap_or_default();
            let statuses: Vec<_> = object(&operation["responses"]).keys().map(String::as_str).collect();
            writeln!(
                page,
                "| `{call}` | {}{more} | {access} | {} |",
                text(&operation["summary"]),
                statuses.join(" ")
            )
            .expect("memory");
        }
    }

    fn write_parameters(&self, page: &mut String) {
        let of_paths = object(&self.0["paths"]).values().map(|item| &item["parameters"]);
        let of_operations = self.operations(false).map(|(_, operation)| &operation["parameters"]);
        let all = of_paths.chain(of_operations).filter_map(Value::as_array).flatten();
        let rows: BTreeSet<_> = all
            .map(|parameter| self.resolve(parameter))
            .filter(|parameter| parameter["name"] != "slug" && parameter["name"] != "file")
            .map(|parameter| {
                let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
                let values = kind(&self.resolve(&parameter["schema"]));
                format!("| `{name}` | {place} | {values} | {} |\n", text(&parameter["description"]))
            })
            .collect();
        if !rows.is_empty() {
            page.push_str("\n| parameter | in | values | |\n|---|---|---|---|\n");
            page.extend(rows);
        }
    }

    /// Writes a table for each body. Routes with the same body share a table.
    fn write_bodies(&self, page: &mut String) {
        let mut tables: Vec<(String, Vec<String>)> = Vec::new();
        for (call, operation) in self.operations(false) {
            if operation["requestBody"].is_null() {
                continue;
            }
            let body = self.resolve(&operation["requestBody"]);
            let rows = self.fields(&self.resolve(&body["content"]["application/json"]["schema"]), "");
            match tables.iter_mut().find(|(_, others)| *others == rows) {
                Some((calls, _)) => write!(calls, " and `{call}`").expect("memory"),
                None => tables.push((format!("`{call}`"), rows)),
            }
        }
        for (calls, rows) in tables {
            writeln!(page, "\n| body of {calls} | values | |\n|---|---|---|").expect("memory");
            page.extend(rows);
        }
    }

    /// Returns a row for each field of a schema.
    fn fields(&self, schema: &Value, prefix: &str) -> Vec<String> {
        let mut rows = Vec::new();
        for (name, field) in object(&schema["properties"]) {
            let field = self.resolve(field);
            let needed =
                schema["required"].as_array().is_some_and(|names| names.contains(&name.as_str().into()));
            let needed = if needed { ", required" } else { "" };
            let about = field["description"].as_str().unwrap_or_default();
            rows.push(format!("| `{prefix}{name}` | {}{needed} | {about} |\n", kind(&field)));
            if field["properties"].is_object() {
                rows.extend(self.fields(&field, &format!("{prefix}{name}.")));
            }
        }
        rows
    }

    fn answers(&self) -> Answers {
        let operations = self.operations(false).chain(self.operations(true));
        let responses = operations.flat_map(|(_, operation)| object(&operation["responses"]));
        let bad = responses.filter(|(status, _)| !status.starts_with('2'));
        bad.map(|(status, answer)| (status.clone(), text(&self.resolve(answer)["description"]).to_owned()))
            .collect()
    }

    /// Resolves a reference. The members beside it take precedence.
    fn resolve(&self, value: &Value) -> Value {
        let Some(reference) = value["$ref"].as_str() else { return value.clone() };
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        let mut target = self.resolve(self.0.pointer(pointer).unwrap_or_else(|| panic!("{reference}")));
        let beside = object(value).iter().map(|(name, value)| (name.clone(), value.clone()));
        target.as_object_mut().expect("an object").extend(beside);
        target
    }
}

/// Describes the values that a schema accepts.
fn kind(schema: &Value) -> String {
    let mut kind = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        one => text(one).to_owned(),
    };
    for (member, word) in
        [("minimum", " from"), ("maximum", " to"), ("minLength", ", from"), ("maxLength", " to")]
    {
        if let Some(limit) = schema[member].as_number() {
            write!(kind, "{word} {limit}").expect("memory");
        }
    }
    if schema["maxLength"].is_number() {
        kind.push_str(" characters");
    }
    kind
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not an array"))
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap_or_else(|| panic!("{value} is not an object"))
}
