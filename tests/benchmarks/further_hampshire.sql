-- The measures that only the Hampshire standard asks for, in DuckDB, from the Parquet files of the typed tables.
-- One row per measure, period and unit (null: the headline): met, owed, unknown, where anything was owed. What is put in from
-- outside is as in `further.sql`; the reporting year begins with April.

create or replace temp macro agreed(told) as case when count(told) = count(*) and min(told) = max(told) then min(told) end;

with
periods as (
    select * from (values {periods}) as asked (period, start, ending)
),
recorded as (
    select * from '{folder}/cases.parquet' where case_id is not null
),
told as (
    select case_id, category, exited_on from recorded where not {repeats}
    union all
    select case_id, agreed(category), agreed(exited_on) from recorded where {repeats} group by case_id
),
outside as (
    select case_id from told where category not in ('1', '2', '3')
),
spells as (
    select s.case_id, s.level, s.location, s.from_on, s.until_on as recorded_until, coalesce(s.until_on, t.exited_on) as until_on
    from '{folder}/spells.parquet' s left join told t using (case_id)
    where s.case_id is not null and s.from_on is not null and s.case_id not in (from outside)
),
held as (
    select meeting_id, case_id, held_on, kind, format from '{folder}/meetings.parquet'
    where case_id is not null and held_on is not null and kind in ('level 2', 'level 3')
),

-- After release
releases as (
    select case_id, from_on, (from_on + interval 1 month)::date as owed_on, row_number() over () as number
    from (
        select *, lag(location) over (
            partition by case_id order by from_on, recorded_until nulls last, location nulls last, level nulls last
        ) as before
        from spells where recorded_until is null or recorded_until >= from_on
    ) where location = 'community' and before = 'custody' and level in ('2', '3')
),
releases_discussed as (
    select distinct r.number from releases r join held h on h.case_id = r.case_id and h.held_on between r.from_on and r.owed_on
),
after_release as (
    select owed_on, d.number is not null as met from releases left join releases_discussed d using (number)
    where owed_on < date '{as_at}' or owed_on = date '{as_at}' and d.number is not null
),

-- Release confirmed
confirming as (
    select case_id, owed_on, coalesce(release_confirmed_on <= owed_on, false) as met
    from (select *, (release_on - interval 4 month)::date as owed_on from recorded)
    where owed_on <= date '{as_at}' and case_id not in (from outside)
),
confirming_inside as (
    select distinct c.case_id, c.owed_on, c.met
    from confirming c join spells s on s.case_id = c.case_id
    where s.location = 'custody' and s.level in ('2', '3') and s.from_on <= c.owed_on
        and (s.until_on is null or c.owed_on < s.until_on)
),
release_confirmed as (
    select * from (select min(owed_on) as owed_on, agreed(met) as met from confirming_inside group by case_id)
    where owed_on < date '{as_at}' or met
),

-- What is owed again and again while a spell lasts
stretches as (
    select distinct 'full_meetings_level_' || level as measure, case_id, from_on, until_on
    from spells where level in ('2', '3') and location = 'community' and (until_on is null or until_on >= from_on)
    union
    select distinct 'level_1_disclosure_review', case_id, from_on, until_on
    from spells where level = '1' and (until_on is null or until_on >= from_on)
        and case_id in (select case_id from told where category in ('1', '2'))
),
joined as (
    select *, sum(begins) over (order by measure, case_id, from_on, until_on nulls last rows unbounded preceding) as spell
    from (
        select *, case when from_on = lag(until_on) over (
            partition by measure, case_id order by from_on, until_on nulls last) then 0 else 1 end as begins
        from stretches
    )
),
lasting as (
    select spell, any_value(measure) as measure, any_value(case_id) as case_id, min(from_on) as from_on,
        case when count(until_on) = count(*) then max(until_on) end as until_on
    from joined group by spell
),
done as (
    select distinct 'full_meetings_level_' || kind[7:7] as measure, case_id, held_on as done_on, format is not null as sure
    from held where format is null or format = 'full'
    union
    select distinct 'level_1_disclosure_review', case_id, reviewed_on, disclosure_reviewed is not null
    from '{folder}/reviews.parquet'
    where case_id is not null and reviewed_on is not null and (disclosure_reviewed is null or disclosure_reviewed)
),
starts as (
    select spell, measure, case_id, from_on as started_on, until_on from lasting
    union all
    select l.spell, l.measure, l.case_id, d.done_on, l.until_on
    from lasting l join done d on d.measure = l.measure and d.case_id = l.case_id
    where d.sure and d.done_on > l.from_on and d.done_on <= coalesce(l.until_on, date '{as_at}')
),
runs as (
    select *, lead(started_on) over (partition by spell order by started_on) as done_on,
        case measure when 'full_meetings_level_2' then interval 6 month when 'full_meetings_level_3' then interval 84 day
            else interval 4 month end as every
    from starts
),
timed as (
    select *, (started_on + every)::date as first_due, coalesce(done_on, until_on, date '{as_at}') as ends from runs
),
missed as (
    select measure, case_id, (started_on + every * (times - 1))::date as since, (started_on + every * times)::date as owed_on
    from (
        -- One interval holds 84 days at the least.
        select *, unnest(range(1, (ends - started_on) // 84 + 2)) as times from timed where first_due < ends
    ) where (started_on + every * times)::date < ends
),
perhaps as (
    select distinct m.measure, m.case_id, m.owed_on from missed m join done d on d.measure = m.measure and d.case_id = m.case_id
    where not d.sure and d.done_on > m.since and d.done_on <= m.owed_on
),
owed as (
    select measure, case_id, first_due as owed_on, true as met
    from timed where done_on <= first_due and first_due <= date '{as_at}'
    union all
    select m.measure, m.case_id, m.owed_on, case when p.measure is null then false end
    from missed m left join perhaps p on p.measure = m.measure and p.case_id = m.case_id and p.owed_on = m.owed_on
),
by_quarter as (
    select measure, case_id, date_trunc('quarter', owed_on)::date as start, count(*) as owed, count(*) filter (met) as met,
        count(*) filter (met is null) as unknown
    from owed group by all
),
by_year as (
    select measure, case_id, (date_trunc('year', start - interval 3 month) + interval 3 month)::date as start,
        sum(owed) as owed, sum(met) as met, sum(unknown) as unknown
    from by_quarter group by all
),
by_period as (
    select p.period, q.* exclude (start) from by_quarter q join periods p on p.start = q.start where p.ending - p.start < 100
    union all
    select p.period, y.* exclude (start) from by_year y join periods p on p.start = y.start where p.ending - p.start > 100
),
counted as (
    select 'after_release' as measure, period, null as unit, count(*) filter (met) as met, count(*) as owed, 0 as unknown
    from after_release join periods on owed_on between start and ending group by all
    union all
    select 'release_confirmed', period, null, count(*) filter (met), count(*), count(*) filter (met is null)
    from release_confirmed join periods on owed_on between start and ending group by all
    union all
    select measure, period, null, count(*) filter (met = owed), count(*), count(*) filter (met < owed and met + unknown = owed)
    from by_period group by all
    union all
    select measure, period, 'by review', sum(met), sum(owed), sum(unknown) from by_period group by all
)
select measure, period, unit, met::bigint as met, owed::bigint as owed, unknown::bigint as unknown from counted
