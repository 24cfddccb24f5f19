-- The further measures of the Jersey standard in DuckDB, from the Parquet files of the typed tables, for the periods asked about.
-- One row per measure, period and unit (null: the headline): met, owed, unknown, where anything was owed.
-- `folder` is the folder of the tables, `as_at` the as-at date, `periods` name, first and last day of each period, `first` and
-- `last` the first and last day of them all, `repeats` whether any records share a key. The view `days_off` has the holidays.

create or replace temp macro agreed(told) as case when count(told) = count(*) and min(told) = max(told) then min(told) end;

with
periods as (
    select * from (values {periods}) as asked (period, start, ending)
),
last_days as (
    select period, least(ending, date '{as_at}') as on_day from periods where start <= date '{as_at}'
),
days as (
    select distinct on_day from last_days
),

-- The records: a case once, what its records contradict each other in not known
recorded as (
    select *, case_id as key from '{folder}/cases.parquet'
),
told as (
    select case_id, category, level, location, entered_on, exited_on, risk_of_harm, risk_plan_on, victim_plan, contingency_plan
    from recorded where case_id is not null and not {repeats}
    union all
    select case_id, agreed(category), agreed(level), agreed(location), agreed(entered_on), agreed(exited_on),
        agreed(risk_of_harm), agreed(risk_plan_on), agreed(victim_plan), agreed(contingency_plan)
    from recorded where case_id is not null and {repeats} group by case_id
),
spells as (
    select s.case_id, s.level, s.location, s.from_on, s.until_on as recorded_until,
        coalesce(s.until_on, t.exited_on) as until_on
    from '{folder}/spells.parquet' s left join told t using (case_id)
    where s.case_id is not null and s.from_on is not null
),
held as (
    select case_id, held_on, kind from '{folder}/meetings.parquet'
    where case_id is not null and held_on is not null and kind is not null
),
calendar as (
    select day, works, count(*) filter (works) over (order by day) as so_far
    from (
        select day::date as day, isodow(day) <= 5 and day::date not in (select day from days_off) as works
        from generate_series(date '{first}' - 90, date '{as_at}' + 90, interval 1 day) as every (day)
    )
),
working as (
    select so_far as number, day from calendar where works
),

-- What fell due
referred as (
    select r.referral_id as key, r.case_id, r.received_on, w.day as owed_on, r.route = 'screening' as screening,
        row_number() over () as number
    from '{folder}/referrals.parquet' r
    join calendar c on c.day = r.received_on
    join working w on w.number = c.so_far + 15
    where not r.in_custody and r.route in ('screening', 'level 2', 'level 3') and w.day <= date '{as_at}'
),
referrals_discussed as (
    select distinct r.number from referred r join held h on h.case_id = r.case_id
    where h.held_on between r.received_on and r.owed_on
        and (h.kind in ('level 2', 'level 3') or r.screening and h.kind = 'screening')
),
referral_to_meeting as (
    select key, owed_on, case when case_id is not null then d.number is not null end as met
    from referred r left join referrals_discussed d using (number)
),
releasing as (
    select case_id as key, case_id, (coalesce(temporary_licence_eligible_on, release_on) - interval 6 month)::date as owed_on,
        row_number() over () as number
    from recorded where case_id is not null and coalesce(temporary_licence_eligible_on, release_on) is not null
),
in_custody as (
    select distinct r.key, r.case_id, r.owed_on, r.number
    from releasing r join spells s on s.case_id = r.case_id
    where s.location = 'custody' and s.from_on <= r.owed_on and (s.until_on is null or r.owed_on < s.until_on)
        and r.owed_on <= date '{as_at}'
),
releases_discussed as (
    select distinct r.number from in_custody r join held h on h.case_id = r.case_id
    where h.kind in ('screening', 'level 2', 'level 3')
        and h.held_on between (r.owed_on - interval 12 month)::date and r.owed_on
),
before_release as (
    select key, owed_on, d.number is not null as met from in_custody left join releases_discussed d using (number)
),
minutes as (
    select m.meeting_id, m.case_id, m.kind[7:7] as level, w.day as owed_on,
        coalesce(m.minutes_issued_on <= w.day, false) as met
    from '{folder}/meetings.parquet' m
    join calendar c on c.day = m.held_on
    join working w on w.number = c.so_far + case when m.kind = 'level 2' then 10 else 5 end
    where m.kind in ('level 2', 'level 3') and w.day <= date '{as_at}'
),
categories as (
    select r.*, coalesce(t.category, case when r.case_id is null then r.category end) as agreed_category
    from recorded r left join told t using (case_id)
),
first_held as (
    select case_id, min(held_on) as held_on from held group by case_id
),
category_1_seen as (
    select c.key, c.entered_on + 84 as owed_on,
        case when c.key is not null then coalesce(h.held_on <= c.entered_on + 84, false) end as met
    from categories c left join first_held h on h.case_id = c.key
    where c.agreed_category = '1' and c.entered_on + 84 <= date '{as_at}'
),

-- What cases stayed after
drops as (
    select case_id, from_on as happened_on
    from (
        select *, lag(level) over (partition by case_id order by from_on, until_on nulls last, level) as before
        from spells where level is not null and (until_on is null or until_on >= from_on)
    ) where level = '1' and before in ('2', '3')
),
releases as (
    select case_id, from_on as happened_on
    from (
        select *, lag(location) over (
            partition by case_id order by from_on, recorded_until nulls last, location nulls last, level nulls last
        ) as before
        from spells where recorded_until is null or recorded_until >= from_on
    ) where location = 'community' and before = 'custody'
),
last_events as (
    select r.case_id, r.exited_on, max(e.happened_on) as happened_on
    from (select distinct case_id, exited_on from recorded where exited_on is not null) r
    join (select * from drops union all select * from releases) e on e.case_id = r.case_id
    where e.happened_on <= r.exited_on
    group by all
),
left_area as (
    select c.key, c.exited_on as owed_on,
        greatest(c.release_on, c.licence_until, c.order_until, c.notification_until, c.pathway_until, e.happened_on) as last,
        c.notification_until is null and (coalesce(c.agreed_category = '1', false) or c.notification_from is not null) as for_life
    from categories c left join last_events e on e.case_id = c.key and e.exited_on = c.exited_on
    where c.exited_on is not null
),
stays_long_enough as (
    select key, owed_on, case when owed_on < (last + interval 3 month)::date then false when not for_life then true end as met
    from left_area where last is not null or for_life
),

-- Meetings
invitations as (
    select meeting_id, count(*) filter (agency is null) as nameless,
        4 - bool_or(coalesce(police, false))::int - bool_or(coalesce(probation, false))::int
        - bool_or(coalesce(prison, false))::int - bool_or(coalesce(children, false))::int as missing
    from '{folder}/attendance.parquet'
    left join (
        select agency, regexp_matches(lower(agency), '\bpolice') as police, regexp_matches(lower(agency), '\bprobation') as probation,
            regexp_matches(lower(agency), '\bprison') as prison, regexp_matches(lower(agency), '\bchildren') as children
        from (select distinct agency from '{folder}/attendance.parquet')
    ) using (agency)
    where meeting_id in (select meeting_id from '{folder}/meetings.parquet' where kind = 'screening' and held_on is not null)
    group by meeting_id
),
multi_agency as (
    select meeting_id, case_id, held_on, victim_considered, diversity_considered from '{folder}/meetings.parquet'
    where kind in ('level 2', 'level 3') and held_on is not null
),

-- Everything judged by itself, with the key by which records of one thing are known
judged as (
    select 'referral_to_meeting' as measure, key, null as unit, owed_on, met from referral_to_meeting
    union all select 'before_release', key, null, owed_on, met from before_release
    union all select 'minutes_level_' || level, meeting_id || '|' || case_id, null, owed_on, met from minutes
    union all select 'identification', key, null, sentenced_on + 3, coalesce(identified_on <= sentenced_on + 3, false)
        from recorded where sentenced_on + 3 <= date '{as_at}'
    union all select 'actions', action_id, coalesce(agency, '(agency not recorded)'), due_on, coalesce(completed_on <= due_on, false)
        from '{folder}/actions.parquet' where due_on <= date '{as_at}' and (cancelled_on is null or cancelled_on > due_on)
    union all select 'category_1_seen', key, null, owed_on, met from category_1_seen
    union all select 'stays_long_enough', key, null, owed_on, met from stays_long_enough
    union all select 'victim_and_diversity', 'victim|' || meeting_id || '|' || case_id, 'victim', held_on, victim_considered
        from multi_agency
    union all select 'victim_and_diversity', 'diversity|' || meeting_id || '|' || case_id, 'diversity', held_on, diversity_considered
        from multi_agency
    union all select 'standing_agencies_invited', m.meeting_id || '|' || m.case_id, m.kind, m.held_on,
        case when i.missing = 0 then true when i.nameless < i.missing then false end
        from '{folder}/meetings.parquet' m left join invitations i using (meeting_id)
        where m.kind = 'screening' and m.held_on is not null
),
once as (
    select measure, unit, owed_on, met from judged where not {repeats} or key is null
    union all
    -- The earliest day tells; where records contradict each other in whether it was done, nobody knows.
    select measure, min((owed_on, unit))[2], min(owed_on), agreed(met)
    from judged where {repeats} and key is not null group by measure, key
),
dated as (
    select measure, unit, owed_on, count(*) as owed, count(*) filter (met) as met, count(*) filter (met is null) as unknown
    from once
    where owed_on between date '{first}' and date '{last}'
        -- On the as-at date itself only what is done counts of what falls due, for the day is not over.
        and (owed_on < date '{as_at}' or met or measure in
            ('stays_long_enough', 'victim_and_diversity', 'standing_agencies_invited'))
    group by all
),
quarters as (
    select quarter, (quarter + interval 3 month)::date - 1 as ending
    from (
        select unnest(generate_series(date_trunc('quarter', begins)::date, date '{as_at}', interval 3 month))::date as quarter
        from (
            select least((select min(entered_on) from told), (select min(held_on) from '{folder}/smb_meetings.parquet')) as begins
        )
    )
),
board as (
    select ending as owed_on, count(held_on) > 0 as met
    from quarters left join '{folder}/smb_meetings.parquet' on held_on between quarter and ending
    group by ending having ending < date '{as_at}' or ending = date '{as_at}' and count(held_on) > 0
),

-- How cases stood on the last days: of several spells that cover a day the one that began last tells, of these the longest
managed as (
    select *, coalesce(from_on < max(until_on) over (
        partition by case_id order by from_on, until_on, level rows between unbounded preceding and 1 preceding), false) as beside
    from (
        select case_id, level, location, from_on, coalesce(until_on, date '9999-12-31') as until_on
        from spells where level is not null
    ) where from_on < until_on
),
tangled as (
    select distinct case_id from managed where beside
),
covered as materialized (
    select m.case_id, d.on_day, m.level, m.location
    from managed m join days d on d.on_day >= m.from_on and d.on_day < m.until_on
    where m.case_id not in (from tangled)
    union all
    select case_id, on_day, last.level, last.location
    from (
        select m.case_id, d.on_day, max({{'begins': m.from_on, 'ends': m.until_on, 'level': m.level,
            'nowhere': m.location is null, 'location': m.location}}) as last
        from managed m join days d on d.on_day >= m.from_on and d.on_day < m.until_on
        where m.case_id in (from tangled)
        group by m.case_id, d.on_day
    )
),
stood as materialized (
    select t.case_id, d.on_day, t.category, t.entered_on, t.risk_of_harm, t.risk_plan_on, t.victim_plan, t.contingency_plan,
        -- On the as-at date the case's own record has the last word.
        case when d.on_day = date '{as_at}' then coalesce(t.level, c.level) else coalesce(c.level, t.level) end as level,
        case when d.on_day = date '{as_at}' then coalesce(t.location, c.location) else coalesce(c.location, t.location) end
            as location
    from told t join days d on d.on_day >= t.entered_on and d.on_day < coalesce(t.exited_on, date '9999-12-31')
    left join covered c on c.case_id = t.case_id and c.on_day = d.on_day
),
caseload as (
    select on_day, category, level, count(*) as cases from stood group by all
),
visited as (
    select case_id, visited_on,
        max(visited_on) filter (regexp_matches(lower(agency), '\bpolice\b')) over so_far as by_police,
        max(visited_on) filter (agency is null) over so_far as by_whom,
        lead(visited_on, 1, date '9999-12-31') over so_far as next_on
    from '{folder}/visits.parquet' where case_id is not null and visited_on is not null
    window so_far as (partition by case_id order by visited_on)
),
visited_by as (
    select v.case_id, d.on_day, v.by_police, v.by_whom
    from visited v join days d on d.on_day >= v.visited_on and d.on_day < v.next_on
),
at_home as (
    select case_id, on_day, risk_of_harm, (on_day - case risk_of_harm
        when 'low' then interval 12 month when 'medium' then interval 6 month when 'high' then interval 3 month
        else interval 1 month end)::date as since
    from stood where category = '1' and location = 'community' and entered_on <= since
),
home_visits as (
    select h.on_day, case when h.risk_of_harm is null then null when v.by_police >= h.since then true
        when v.by_whom >= h.since then null else false end as met
    from at_home h left join visited_by v on v.case_id = h.case_id and v.on_day = h.on_day
),
loose as (
    select a.case_id, a.sound, h.agreed_on, a.cancelled_on
    from (
        select case_id, meeting_id, cancelled_on, agency is not null and due_on is not null as sound
        from '{folder}/actions.parquet' where not {repeats} or action_id is null
        union all
        select agreed(case_id), agreed(meeting_id), agreed(cancelled_on), agreed(agency is not null and due_on is not null)
        from '{folder}/actions.parquet' where {repeats} and action_id is not null group by action_id
    ) a
    left join (
        select meeting_id, min(held_on) as agreed_on from '{folder}/meetings.parquet' group by meeting_id
    ) h using (meeting_id)
    where a.case_id is not null and (not a.sound or a.sound is null)
),
loose_on as (
    select d.on_day, l.case_id, case when count(*) > count(l.sound) and bool_and(l.sound is null) then null else false end as sound
    from loose l join days d on coalesce(l.agreed_on <= d.on_day, true) and coalesce(l.cancelled_on > d.on_day, true)
    group by all
),
plans as (
    select s.on_day,
        case when s.risk_plan_on <= s.on_day or s.risk_plan_on is null then s.risk_plan_on is not null end as plan,
        case when s.risk_plan_on <= s.on_day or s.risk_plan_on is null then s.victim_plan end as victim,
        case when s.risk_plan_on <= s.on_day or s.risk_plan_on is null then s.contingency_plan end as contingency,
        case when l.case_id is null then true else l.sound end as actions
    from stood s left join loose_on l on l.case_id = s.case_id and l.on_day = s.on_day
    where s.level in ('2', '3')
),
plan_parts as (
    select on_day, plan, victim, contingency, actions, plan and victim and contingency and actions as whole, count(*) as cases
    from plans group by all
),
plan_content as (
    select on_day, null as unit, whole as met, cases from plan_parts
    union all select on_day, 'plan', plan, cases from plan_parts
    union all select on_day, 'victim plan', victim, cases from plan_parts
    union all select on_day, 'contingency plan', contingency, cases from plan_parts
    union all select on_day, 'actions with owner and date', actions, cases from plan_parts
    union all select on_day, 'by part', unnest([plan, victim, contingency, actions]), cases from plan_parts
),

-- People discussed
discussed as (
    select case_id, year(held_on) as y, quarter(held_on) as q, count(*) as times
    from (
        select case_id, held_on from '{folder}/meetings.parquet'
        where case_id is not null and held_on is not null and kind is not null and (not {repeats} or meeting_id is null)
        union all
        select case_id, min(held_on) from '{folder}/meetings.parquet'
        where case_id is not null and held_on is not null and kind is not null and {repeats} and meeting_id is not null
        group by meeting_id, case_id
    ) where held_on between date '{first}' and date '{last}'
    group by all
),
individuals as (
    select y || '-Q' || q as period, count(*) filter (times > 1) as met, count(*) as owed from discussed group by all
    union all
    select y::varchar, count(*) filter (times > 1), count(*)
    from (select case_id, y, sum(times) as times from discussed group by all) group by all
),

counted as (
    select d.measure, p.period, d.unit, sum(d.met) as met, sum(d.owed) as owed, sum(d.unknown) as unknown
    from (
        select * from dated union all select 'smb_held', null, owed_on, 1, met::int, 0 from board
    ) d join periods p on d.owed_on between p.start and p.ending
    group by all
    union all
    select 'home_visits', period, null, count(*) filter (met), count(*), count(*) filter (met is null)
    from home_visits join last_days using (on_day) group by all
    union all
    select 'plan_content', period, unit, sum(cases) filter (met), sum(cases), sum(cases) filter (met is null)
    from plan_content join last_days using (on_day) group by all
    union all
    select 'caseload', period, 'category ' || coalesce(category, 'not recorded') || ', level ' || coalesce(level, 'not recorded'),
        null, cases, null
    from caseload join last_days using (on_day)
    union all
    select 'caseload', period, null, sum(cases) filter (level in ('2', '3')), sum(cases), sum(cases) filter (level is null)
    from caseload join last_days using (on_day) group by all
    union all
    select 'individuals', period, null, met, owed, 0 from individuals join periods using (period)
)
select measure, period, unit,
    case when measure = 'caseload' and unit is not null then null else coalesce(met, 0)::bigint end as met, owed::bigint as owed,
    case when measure = 'caseload' and unit is not null then null else coalesce(unknown, 0)::bigint end as unknown
from (
    select * from counted
    union all
    select measure, period, null, sum(met), sum(owed), sum(unknown) from counted
    where measure in ('actions', 'victim_and_diversity', 'standing_agencies_invited') group by all
)
