//! Where a group launches, and what it ends: spread over zones, and moved out of subnets that are no longer its own
//! (<https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-benefits.html>, rebalancing activities).

use indexmap::IndexMap;

use super::group::{Group, Lifecycle, Member};

/// The zones of a group's subnets.
pub type Zones = IndexMap<String, String>;

fn active(group: &Group) -> impl Iterator<Item = &Member> {
    group
        .members
        .values()
        .filter(|member| member.lifecycle != Lifecycle::Terminating)
}

fn wanted(group: &Group) -> usize {
    usize::try_from(group.desired).unwrap_or(0)
}

/// Members in subnets that are not the group's.
fn strangers(group: &Group) -> Vec<&Member> {
    active(group)
        .filter(|member| !group.subnets.contains(&member.subnet))
        .collect()
}

/// How many active members each zone of the group has.
fn population<'a>(group: &Group, zones: &'a Zones) -> IndexMap<&'a str, usize> {
    let mut counts: IndexMap<&str, usize> = zones.values().map(|zone| (zone.as_str(), 0)).collect();
    for member in active(group).filter(|member| group.subnets.contains(&member.subnet)) {
        if let Some(count) = counts.get_mut(member.zone.as_str()) {
            *count += 1;
        }
    }
    counts
}

/// How many members would have to move for the zones to differ by at most one.
fn moves(counts: &IndexMap<&str, usize>) -> usize {
    let mut counts: Vec<usize> = counts.values().copied().collect();
    let mut moves = 0;
    loop {
        counts.sort_unstable();
        match counts.as_mut_slice() {
            [least, .., most] if *most > *least + 1 => {
                *least += 1;
                *most -= 1;
                moves += 1;
            }
            _ => return moves,
        }
    }
}

/// The subnets in which the group now launches, one for each new instance.
///
/// Rebalancing launches before it terminates, and so goes above the desired capacity by a tenth, at least by one.
pub fn launches(group: &Group, zones: &Zones) -> Vec<String> {
    let (desired, active) = (wanted(group), active(group).count());
    let mut misplaced = 0;
    if group.runs("AZRebalance") {
        misplaced = strangers(group).len();
        if active >= desired {
            misplaced += moves(&population(group, zones));
        }
    }
    let ceiling = if misplaced == 0 {
        desired
    } else {
        desired + (desired / 10).max(1)
    };
    let short = (desired + misplaced).saturating_sub(active);
    let number = short.min(ceiling.saturating_sub(active));
    spread(group, zones, number)
}

/// Takes the zone with the fewest members each time, and in it the subnet with the fewest.
fn spread(group: &Group, zones: &Zones, number: usize) -> Vec<String> {
    let mut by_zone = population(group, zones);
    let mut by_subnet: IndexMap<&str, usize> = zones.keys().map(|subnet| (subnet.as_str(), 0)).collect();
    for member in active(group) {
        if let Some(count) = by_subnet.get_mut(member.subnet.as_str()) {
            *count += 1;
        }
    }
    let mut chosen = Vec::new();
    for _ in 0..number {
        let load = |subnet: &str, zone: &str| (by_zone.get(zone).copied(), by_subnet.get(subnet).copied());
        let best = zones.iter().min_by_key(|(subnet, zone)| load(subnet, zone));
        let Some((subnet, zone)) = best else {
            return chosen;
        };
        *by_zone.entry(zone).or_default() += 1;
        *by_subnet.entry(subnet).or_default() += 1;
        chosen.push(subnet.clone());
    }
    chosen
}

/// The members that the group now ends because it has more in service than desired: those in foreign subnets first, then
/// the oldest of the fullest zone. Protected ones never.
pub fn victims(group: &Group, zones: &Zones) -> Vec<String> {
    let in_service = group.count(Lifecycle::InService);
    let number = in_service.saturating_sub(wanted(group));
    let mut counts = population(group, zones);
    let mut candidates: Vec<&Member> = group
        .members
        .values()
        .filter(|member| member.lifecycle == Lifecycle::InService && !member.protected)
        .collect();
    let mut chosen = Vec::new();
    for _ in 0..number {
        let is_stranger =
            |member: &Member| !group.subnets.contains(&member.subnet) && group.runs("AZRebalance");
        let rank = |member: &Member| {
            (
                is_stranger(member),
                counts.get(member.zone.as_str()).copied().unwrap_or(0),
            )
        };
        // of equals, `rev` and `max_by_key` give the first, which is the oldest
        let Some(index) = (0..candidates.len())
            .rev()
            .max_by_key(|index| rank(candidates[*index]))
        else {
            return chosen;
        };
        let member = candidates.remove(index);
        if let Some(count) = counts
            .get_mut(member.zone.as_str())
            .filter(|_| group.subnets.contains(&member.subnet))
        {
            *count = count.saturating_sub(1);
        }
        chosen.push(member.id.clone());
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(subnets: &str) -> Zones {
        subnets
            .split(' ')
            .map(|subnet| (subnet.to_owned(), subnet[..1].to_owned()))
            .collect()
    }

    /// Members written as subnets, in capitals where protected, with `-` where pending.
    fn group(desired: i64, subnets: &str, members: &str) -> Group {
        let mut group = Group {
            desired,
            max: 100,
            subnets: zones(subnets).into_keys().collect(),
            ..Group::default()
        };
        for (number, written) in members.split_whitespace().enumerate() {
            let subnet = written.trim_end_matches('-').to_lowercase();
            let member = Member {
                id: format!("{number}"),
                lifecycle: if written.ends_with('-') {
                    Lifecycle::Pending
                } else {
                    Lifecycle::InService
                },
                healthy: true,
                protected: written.starts_with(char::is_uppercase),
                zone: subnet[..1].to_owned(),
                subnet,
                kind: String::new(),
            };
            group.members.insert(member.id.clone(), member);
        }
        group
    }

    fn launched(desired: i64, subnets: &str, members: &str) -> String {
        launches(&group(desired, subnets, members), &zones(subnets)).join(" ")
    }

    fn ended(desired: i64, subnets: &str, members: &str) -> String {
        victims(&group(desired, subnets, members), &zones(subnets)).join(" ")
    }

    #[test]
    fn launches_are_spread_over_zones() {
        assert_eq!(launched(3, "a1 b1 c1", ""), "a1 b1 c1");
        assert_eq!(launched(4, "a1 b1", "a1 a1 a1"), "b1");
        assert_eq!(launched(3, "a1 a2 b1", ""), "a1 b1 a2");
        assert_eq!(launched(2, "a1 b1", "a1- b1-"), "");
    }

    #[test]
    fn foreign_subnets_are_left_by_launching_first() {
        assert_eq!(launched(2, "b1", "a1 b1"), "b1");
        assert_eq!(launched(2, "b1", "a1 b1 b1-"), "");
        assert_eq!(ended(2, "b1", "a1 b1 b1-"), "");
        assert_eq!(ended(2, "b1", "a1 b1 b1"), "0");
        assert_eq!(launched(2, "c1", "a1 b1"), "c1");
    }

    #[test]
    fn zones_that_differ_by_more_than_one_are_balanced() {
        assert_eq!(launched(3, "a1 b1 c1", "a1 a1 b1"), "c1");
        assert_eq!(ended(3, "a1 b1 c1", "a1 a1 b1 c1"), "0");
        assert_eq!(launched(4, "a1 b1 c1", "a1 a1 b1 c1"), "");
        let mut held = group(3, "a1 b1 c1", "a1 a1 b1");
        held.suspended.insert("AZRebalance".to_owned(), String::new());
        assert!(launches(&held, &zones("a1 b1 c1")).is_empty());
    }

    #[test]
    fn protected_members_are_spared() {
        assert_eq!(ended(1, "a1 b1", "A1 A1 b1"), "2");
        assert_eq!(ended(0, "a1", "A1"), "");
        assert_eq!(ended(1, "a1 b1", "a1 a1 b1"), "0 1");
    }
}
