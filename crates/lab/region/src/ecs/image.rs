//! Which program an image is. The lab has no container images; it runs those that it knows itself.

/// The arguments with which the lab's own program runs an image; nothing for images that it does not know.
pub fn arguments(image: &str) -> Option<&'static [&'static str]> {
    let repository = repository(image);
    let known: [(&str, &[&str]); 4] = [
        ("comments-web", &["comments-app", "web"]),
        ("comments-api", &["comments-app", "api"]),
        ("comments-spamcheck", &["comments-app", "spamcheck"]),
        ("ecs-container-hog", &["hog"]),
    ];
    known
        .iter()
        .find(|(name, _)| repository.ends_with(name))
        .map(|(_, arguments)| *arguments)
}

/// The image's name without tag and digest.
fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // a colon before a slash is a registry's port
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::arguments;

    #[test]
    fn images_are_known_by_the_end_of_their_repository() {
        for image in [
            "comments-api",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/live/comments-api:1.2",
            "localhost:5000/comments-api",
            "comments-api@sha256:00",
        ] {
            assert_eq!(arguments(image), Some(&["comments-app", "api"][..]), "{image}");
        }
        assert_eq!(
            arguments("public.ecr.aws/devlearnops/ecs-container-hog:latest"),
            Some(&["hog"][..])
        );
        for image in ["nginx:latest", "comments-api/nginx", "registry:5000/nginx"] {
            assert_eq!(arguments(image), None, "{image}");
        }
    }
}
