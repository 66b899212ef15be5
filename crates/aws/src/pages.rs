//! Listings that come in pages.

use chaos_engine::value::Value;

use crate::AwsError;

/// All pages of a listing: `page` is called with the token of each page (`None` for the first), `token` names the
/// answer's member that holds the next one (`nextToken`, `NextToken`, `Marker`, …).
///
/// # Errors
/// The first error of a page.
pub async fn pages<F>(token: &str, page: impl Fn(Option<String>) -> F) -> Result<Vec<Value>, AwsError>
where
    F: Future<Output = Result<Value, AwsError>>,
{
    let mut answers = Vec::new();
    let mut next = None;
    loop {
        let answer = page(next.take()).await?;
        let following = answer.get(token).and_then(Value::as_str).map(str::to_owned);
        answers.push(answer);
        match following.filter(|token| !token.is_empty()) {
            Some(token) => next = Some(token),
            None => return Ok(answers),
        }
    }
}

/// The items of all pages of a listing, from the answers' member `items`.
///
/// # Errors
/// As [`pages`].
pub async fn items<F>(
    items: &str,
    token: &str,
    page: impl Fn(Option<String>) -> F,
) -> Result<Vec<Value>, AwsError>
where
    F: Future<Output = Result<Value, AwsError>>,
{
    let answers = pages(token, page).await?;
    let lists = answers.iter().filter_map(|answer| answer.get(items)?.as_list());
    Ok(lists.flatten().cloned().collect())
}
