-- Under another pixel the platform's main one was told the same: it counts there.
mirrors as (
  select o.who as who, o.name as name, o.pixel as pixel
  from (select who, name, pixel, on_browser, on_server from {placed}
    where has_id and not on_main and first_of_all) o
  join (select who, name, on_browser, on_server from {placed}
    where has_id and on_main and first_of_all) m
    on m.who = o.who and m.name = o.name
  where o.on_browser <= m.on_browser and o.on_server <= m.on_server
),
mirrored as (
  select p.hour as hour, p.name as name, count(*) as mirrored
  from {placed} p join mirrors m on m.who = p.who and m.name = p.name and m.pixel = p.pixel
  where p.has_id and p.joins and p.accepted and p.nth_accepted = 1
  group by p.hour, p.name
),
-- Lone events under one ID.
lonely as (
  select hour, name, pixel, who, has_id, side, caught, tie, id_fold, visitor, content
  from {placed} where alone
),
beside as (
  select l.*,
    case when not has_id then null
      when min(side) over ({lone}, name, pixel) <> max(side) over ({lone}, name, pixel)
        then '{window_cause}'
      when min(side) over ({lone}, name) <> max(side) over ({lone}, name) then '{pixel_cause}'
      when min(side) over ({lone}, pixel) <> max(side) over ({lone}, pixel) then '{name_cause}'
    end as id_cause
  from lonely l
),
unsettled as (
  select b.*, has_id and id_cause is null as spells from beside b
),
{spelling},
unspelt as (
  select s.*, id_cause is null and not spelt_coupled and visitor <> 0 as nears from spelt s
),
{visiting},
-- What the visitors of lone events said a moment before.
asked as (
  select distinct visitor, name, pixel, side from lonely where visitor <> 0
),
said as (
  select p.hour as hour, p.name as name, p.pixel as pixel, p.side as side, p.caught as caught,
    p.tie as tie, p.visitor as visitor, p.content as content, 'said' as cause
  from {placed} p
  join asked a on a.visitor = p.visitor and a.name = p.name and a.pixel = p.pixel
    and a.side = p.side
  where not p.automatic and not p.again and not p.alone
  union all
  select hour, name, pixel, side, caught, tie, visitor, content,
    case when id_cause is not null then id_cause
      when spelt_coupled then '{spelling_cause}'
      when near_coupled and has_id and near_has_id then '{other_id_cause}'
      when near_coupled then '{missing_cause}'
      else '{none_cause}'
    end
  from near
),
heard as (
  select s.*,
    lag(caught) over ({saying} order by caught, tie) as said_at,
    lag(content) over ({saying} order by caught, tie) as said_content
  from said s
),
caused as (
  select hour, name, side,
    case when cause = '{none_cause}' and visitor <> 0 and caught - said_at <= {twin}
      and content = said_content then 'twin' else cause end as cause
  from heard where cause <> 'said'
),
causes as (
  select hour, name, side,
    {cause_sums}
  from caused group by hour, name, side
),
-- Without an ID a server event falls to an earlier browser event of its visitor, the last
-- one that is still free.
merging as (
  select hour, name, pixel, visitor, side, caught, tie,
    sum(side) over ({visit} order by caught, side desc, tie {up_to_here}) as balance
  from {placed} where joins and accepted and not has_id and visitor <> 0
),
lowest as (
  select m.*,
    least(0, min(balance) over ({visit} order by caught, side desc, tie {up_to_here})) as low
  from merging m
),
freed as (
  select l.*,
    coalesce(lag(low) over ({visit} order by caught, side desc, tie), 0) as low_before
  from lowest l
),
stacked as (
  select f.*, side = 1 or low = low_before as has_height,
    balance - low + case when side = 1 then 0 else 1 end as height
  from freed f
),
fallen as (
  select s.*,
    lag(caught) over ({visit}, has_height, height order by caught, side desc, tie) as fell_to
  from stacked s
),
merged as (
  select hour, name, count(*) as merged from fallen
  where has_height and side = -1 and caught - fell_to <= {window}
  group by hour, name
),
{chains},
later as (
  select {hour} as hour, name, count(*) as later
  from chains group by {hour}, name
),
-- The two halves of pairs.
pairs as (
  select name, min(browser_at) as caught, min(server_at - browser_at) as lag_ms,
    max(case when side = 1 then value end) as browser_value,
    max(case when side = -1 then value end) as server_value,
    max(case when side = 1 then currency end) as browser_currency,
    max(case when side = -1 then currency end) as server_currency
  from {placed} where paired and first_on_side
  group by who, name, pixel
),
differing as (
  select {hour} as hour, name,
    sum(case when browser_currency = server_currency
      and abs(browser_value - server_value) > {tolerance} then 1 else 0 end) as values_differ,
    sum(case when browser_currency <> server_currency and browser_currency <> ''
      and server_currency <> '' then 1 else 0 end) as currencies_differ
  from pairs group by {hour}, name
),
sums as (
  select hour, name, side,
    {sums},
    sum(case when joins and side = 1 and paired and not again then 1 else 0 end) as paired,
    sum(case when joins and accepted and (not has_id or nth_accepted = 1) then 1 else 0 end) as counted,
    sum(case when has_id and reused then 1 else 0 end) as reused
  from {placed} group by hour, name, side
),
by_hour as (
  select s.hour as hour, s.name as name,
    {sides},
    sum(s.paired) as paired, sum(s.counted) as counted, sum(s.reused) as reused
  from sums s
  left join causes c on c.hour = s.hour and c.name = s.name and c.side = s.side
  group by s.hour, s.name
),
cells as (
  select b.*,
    coalesce(l.later, 0) - coalesce(m.mirrored, 0) - coalesce(f.merged, 0) as counted_more,
    coalesce(d.values_differ, 0) as values_differ,
    coalesce(d.currencies_differ, 0) as currencies_differ
  from by_hour b
  left join later l on l.hour = b.hour and l.name = b.name
  left join mirrored m on m.hour = b.hour and m.name = b.name
  left join merged f on f.hour = b.hour and f.name = b.name
  left join differing d on d.hour = b.hour and d.name = b.name
),
levels as (
  select 'whole' as period, 0 as named union all select 'whole', 1
  union all select 'day', 0 union all select 'day', 1
  union all select 'hour', 0 union all select 'hour', 1
),
totals as (
  select l.period as period, l.named as named, {bucket} as bucket,
    case when l.named = 1 then c.name else '' end as event,
    min(c.hour) as first_hour,
    {totals},
    sum(c.paired) as paired, sum(c.counted) + sum(c.counted_more) as counted,
    sum(c.reused) as reused, sum(c.values_differ) as values_differ,
    sum(c.currencies_differ) as currencies_differ
  from cells c
  cross join levels l
  where l.named = 0 or c.name <> ''
  group by l.period, l.named, {bucket}, case when l.named = 1 then c.name else '' end
),
-- Nearest rank: the least lag that at least so many per cent are not above.
lags as (
  select {hour} as hour, name, lag_ms, count(*) as pairs
  from pairs group by {hour}, name, lag_ms
),
lag_levels as (
  select l.period as period, l.named as named, {bucket} as bucket,
    case when l.named = 1 then c.name else '' end as event, c.lag_ms as lag_ms,
    sum(c.pairs) as pairs
  from lags c cross join levels l
  where l.named = 0 or c.name <> ''
  group by l.period, l.named, {bucket}, case when l.named = 1 then c.name else '' end, c.lag_ms
),
lag_ranks as (
  select g.*,
    sum(pairs) over (partition by period, named, bucket, event order by lag_ms {up_to_here}) as upto,
    sum(pairs) over (partition by period, named, bucket, event) as whole
  from lag_levels g
),
percentiles as (
  select period, named, bucket, event,
    min(case when upto * 100 >= whole * 50 then lag_ms end) as lag_p50,
    min(case when upto * 100 >= whole * 95 then lag_ms end) as lag_p95,
    min(case when upto * 100 >= whole * 99 then lag_ms end) as lag_p99
  from lag_ranks group by period, named, bucket, event
)
select {figures_format} as countonce_figures, t.period as period,
  case when t.period = 'whole' then t.first_hour else t.bucket end as begin_ms,
  case when t.named = 1 then t.event end as event,
  {columns},
  cast(t.paired as bigint) as paired, cast(t.counted as bigint) as counted,
  cast(t.reused as bigint) as reused, cast(t.values_differ as bigint) as values_differ,
  cast(t.currencies_differ as bigint) as currencies_differ,
  p.lag_p50 as lag_p50, p.lag_p95 as lag_p95, p.lag_p99 as lag_p99
from totals t
left join percentiles p on p.period = t.period and p.named = t.named
  and p.bucket = t.bucket and p.event = t.event
order by t.period, begin_ms, event
