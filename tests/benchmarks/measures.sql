-- The seven measures in DuckDB, from the Parquet files of the typed tables, for the periods asked about.
-- One row per measure, period and unit (null: the headline): met, owed, unknown. The standard is Jersey's.
-- `folder` is the folder of the tables, `as_at` the as-at date, `periods` name, first and last day of each period,
-- `first` and `last` the first and last day of them all.

with
periods as (
    select * from (values {periods}) as asked (period, start, ending)
),
dated as (
    select meeting_id, case_id, held_on, kind, outcome_level, disclosure_considered, disclosure_decision,
        year(held_on) as y, quarter(held_on) as q
    from '{folder}/meetings.parquet' where held_on between date '{first}' and date '{last}'
),

-- Review timeliness
stretches as (
    select distinct s.case_id, s.level, s.from_on, coalesce(s.until_on, c.exited_on) as until_on
    from '{folder}/spells.parquet' s
    left join (select case_id, any_value(exited_on) as exited_on from '{folder}/cases.parquet' group by case_id) c using (case_id)
    where s.case_id is not null and s.level is not null and s.from_on is not null
        and s.location in ('community', 'custody', 'hospital')
        and (coalesce(s.until_on, c.exited_on) is null or coalesce(s.until_on, c.exited_on) >= s.from_on)
),
joined as (
    select *, sum(begins) over (order by case_id, level, from_on, until_on nulls last rows unbounded preceding) as spell
    from (
        select *, case when from_on = lag(until_on) over (partition by case_id, level order by from_on, until_on nulls last)
            then 0 else 1 end as begins
        from stretches
    )
),
spells as (
    select spell, any_value(case_id) as case_id, any_value(level) as level, min(from_on) as from_on,
        -- A spell that goes on has one stretch without an end.
        case when count(until_on) = count(*) then max(until_on) end as until_on,
        case when any_value(level) = '3' then 42 else 84 end as days
    from joined group by spell
),
held as (
    select case_id, kind[7:7] as level, held_on from '{folder}/meetings.parquet'
    where kind <> 'screening' and held_on is not null
    union
    select case_id, '1', reviewed_on from '{folder}/reviews.parquet' where reviewed_on is not null
),
starts as (
    select spell, case_id, level, days, until_on, from_on as started_on from spells
    union all
    select s.spell, s.case_id, s.level, s.days, s.until_on, h.held_on
    from spells s join held h on h.case_id = s.case_id and h.level = s.level
        and h.held_on > s.from_on and h.held_on <= coalesce(s.until_on, date '{as_at}')
),
runs as (
    select *, lead(started_on) over (partition by spell order by started_on) as reviewed_on from starts
),
owed_reviews as (
    select level, case_id, started_on + days as owed_on, true as met from runs
    where reviewed_on <= started_on + days and started_on + days <= date '{as_at}'
    union all
    select level, case_id, started_on + (days * unnest(range(1, missed + 1)))::integer as owed_on, false as met
    from (
        select *, (coalesce(reviewed_on, until_on, date '{as_at}') - started_on - 1) // days as missed
        from runs where reviewed_on is null or reviewed_on > started_on + days
    ) where missed > 0
),
review_quarters as (
    select level, case_id, year(owed_on) as y, quarter(owed_on) as q, count(*) as owed, count(*) filter (met) as met
    from owed_reviews where owed_on between date '{first}' and date '{last}' group by all
),
review_years as (
    select level, case_id, y, sum(owed) as owed, sum(met) as met from review_quarters group by all
),
reviews as (
    select 'review_level_' || level as measure, y || '-Q' || q as period,
        count(*) as cases, count(*) filter (met = owed) as cases_met, sum(owed) as owed, sum(met) as met
    from review_quarters group by all
    union all
    select 'review_level_' || level, y::varchar, count(*), count(*) filter (met = owed), sum(owed), sum(met)
    from review_years group by all
),

-- Disclosure and screening
meetings as (
    select y, q, kind = 'screening' as screening,
        case when kind = 'screening' then outcome_level else disclosure_decision end as told,
        count(*) as n,
        count(*) filter (case when kind = 'screening' then outcome_level is not null
            else disclosure_considered and disclosure_decision is not null end) as met,
        count(*) filter (case when kind = 'screening' then outcome_level is null
            else disclosure_considered is null or (disclosure_considered and disclosure_decision is null) end) as unknown
    from dated where kind in ('screening', 'level 2', 'level 3') group by all
),
meetings_at as (
    select case when screening then 'screening_outcomes' else 'disclosure' end as measure,
        period, coalesce(told, 'not recorded') as unit, sum(met) as met, sum(n) as owed, sum(unknown) as unknown
    from (select *, y || '-Q' || q as period from meetings union all select *, y::varchar from meetings) group by all
),

-- Attendance
invited as (
    select m.y, m.q, a.agency, count(*) as owed,
        count(*) filter (case when a.mode in ('in person', 'video', 'telephone') then a.senior_enough
            else a.mode = 'report' end) as met,
        count(*) filter (a.mode is null or (a.mode in ('in person', 'video', 'telephone') and a.senior_enough is null)) as unknown
    from '{folder}/attendance.parquet' a join dated m using (meeting_id)
    where m.kind in ('level 2', 'level 3') group by all
),
invited_at as (
    select period, coalesce(agency, '(agency not recorded)') as unit, sum(met) as met, sum(owed) as owed, sum(unknown) as unknown
    from (select *, y || '-Q' || q as period from invited union all select *, y::varchar from invited) group by all
),
board as (
    select p.period, coalesce(a.member, '(member not recorded)') as unit, count(*) as owed,
        count(*) filter (a.attended in ('member', 'deputy')) as met, count(*) filter (a.attended is null) as unknown
    from periods p
    join '{folder}/smb_meetings.parquet' m on m.held_on <= p.ending and m.held_on > p.ending - interval 12 month
    join '{folder}/smb_attendance.parquet' a using (smb_meeting_id)
    group by all
),

counted as (
    select measure, period, null as unit, cases_met as met, cases as owed, 0 as unknown from reviews
    union all select measure, period, 'by review', met, owed, 0 from reviews
    union all select measure, period, null, sum(met), sum(owed), sum(unknown) from meetings_at group by all
    union all select measure, period, unit, null, owed, null from meetings_at
    union all select 'agency_attendance', period, null, sum(met), sum(owed), sum(unknown) from invited_at group by all
    union all select 'agency_attendance', period, unit, met, owed, unknown from invited_at
    union all select 'smb_attendance', period, null, sum(met), sum(owed), sum(unknown) from board group by all
    union all select 'smb_attendance', period, unit, met, owed, unknown from board
)
select measure, counted.period, unit, met::bigint as met, owed::bigint as owed, unknown::bigint as unknown
from counted join periods on periods.period = counted.period
