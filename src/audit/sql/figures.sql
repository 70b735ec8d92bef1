-- What countonce {version} counts of facts of format {format}, by hour, by day and over all;
-- `event` is null where a line is about all events. Times are Unix milliseconds.
with {recursive}
pixels as (
  select nullif(pixel, '') as px, count(*) as events from {facts} group by nullif(pixel, '')
),
ranked as (
  select px, row_number() over (order by events desc, px) as place, count(*) over () as kinds
  from pixels where px is not null
),
main as (
  select coalesce(max(case when place = 1 then px end), '') as main,
    coalesce(max(case when kinds = 1 then px end), '') as assumed
  from ranked
),
-- Nulls settled. Rows that cannot join are spread over partitions by their own hash.
told as (
  select coalesce(nullif(f.pixel, ''), m.assumed) as pixel, m.main as main,
    coalesce(f.name, '') as name,
    f.name is not null and not f.automatic as joins,
    f.id is not null as has_id, coalesce(f.id, cast(f.tie as string)) as who,
    f.channel as channel, case when f.channel = 'browser' then 1 else -1 end as side,
    f.automatic as automatic, f.accepted as accepted,
    coalesce(f.caught, 0) as caught, f.tie as tie, f.id_fold as id_fold,
    f.visitor as visitor, f.content as content,
    f.value as value, coalesce(f.currency, '') as currency,
    {keys}
  from {facts} f cross join main m
),
-- What stands under one event ID, name and pixel.
seen as (
  select t.*,
    min(case when joins and side = 1 then caught end) over ({same}) as browser_at,
    min(case when joins and side = -1 then caught end) over ({same}) as server_at,
    min(case when joins and visitor <> 0 then visitor end) over ({same}) as one_visitor,
    max(case when joins and visitor <> 0 then visitor end) over ({same}) as other_visitor,
    min(case when joins and accepted then caught end) over ({same}) as counted_from,
    max(case when joins and accepted then caught end) over ({same}) as counted_to,
    max(case when side = 1 then 1 else 0 end) over ({same}) as on_browser,
    max(case when side = -1 then 1 else 0 end) over ({same}) as on_server,
    max(case when side = 1 and pixel = main then 1 else 0 end)
      over (partition by has_id, who, name) as main_browser,
    max(case when side = -1 and pixel = main then 1 else 0 end)
      over (partition by has_id, who, name) as main_server,
    row_number() over ({same} order by caught, channel, tie) as nth,
    row_number() over ({same}, joins, channel order by caught, tie) as nth_on_side,
    row_number() over ({same}, joins, channel, accepted order by caught, tie) as copy_number,
    row_number() over ({same}, joins, accepted order by caught, channel, tie) as nth_accepted,
    first_value(value) over (
      {same} order by case when joins and side = -1 then 0 else 1 end, caught, tie
    ) as server_value,
    first_value(currency) over (
      {same} order by case when joins and side = -1 then 0 else 1 end, caught, tie
    ) as server_currency
  from told t
),
placed as (
  select s.*,
    has_id and joins and accepted and copy_number > 1 as again,
    has_id and browser_at is not null and server_at is not null
      and abs(server_at - browser_at) <= {window} as paired,
    pixel <> main and on_browser <= main_browser and on_server <= main_server as mirror
  from seen s
),
stands as (
  select p.*,
    joins and not again and not paired as alone,
    visitor <> 0 and not automatic and not again as visits,
    joins and accepted and not has_id and visitor <> 0 as merges
  from placed p
),
-- Lone events under one ID, and what a visitor said before.
beside as (
  select s.*,
    count(*) over ({lone}, name, pixel) - count(*) over ({lone}, name, pixel, channel) as same,
    count(*) over ({lone}, name) - count(*) over ({lone}, name, channel) as same_name,
    count(*) over ({lone}, pixel) - count(*) over ({lone}, pixel, channel) as same_pixel,
    lag(caught) over (
      partition by visits, case when visits then visitor else tie end, name, pixel, channel
      order by caught, tie
    ) as said_at,
    lag(content) over (
      partition by visits, case when visits then visitor else tie end, name, pixel, channel
      order by caught, tie
    ) as said_content,
    sum(side) over ({merging} order by caught, channel, tie {up_to_here}) as balance
  from stands s
),
-- Without an ID a server event falls to an earlier browser event of its visitor, the last
-- one that is still free.
lowest as (
  select b.*,
    least(0, min(balance) over ({merging} order by caught, channel, tie {up_to_here})) as low,
    case when not (alone and has_id) then null
      when same > 0 then '{window_cause}'
      when same_name - same > 0 then '{pixel_cause}'
      when same_pixel - same > 0 then '{name_cause}'
    end as id_cause
  from beside b
),
freed as (
  select l.*,
    coalesce(lag(low) over ({merging} order by caught, channel, tie), 0) as low_before,
    alone and has_id and id_cause is null as spells
  from lowest l
),
stacked as (
  select f.*,
    merges and (side = 1 or low = low_before) as has_height,
    balance - low + case when side = 1 then 0 else 1 end as height
  from freed f
),
fallen as (
  select l.*,
    lag(caught) over (
      {merging}, has_height, height order by caught, channel, tie
    ) as fell_to
  from stacked l
),
{spelling},
unspelt as (
  select s.*, alone and id_cause is null and not spelt_coupled and visitor <> 0 as nears
  from spelt s
),
{visiting},
caused as (
  select v.*,
    case when not alone then null
      when id_cause is not null then id_cause
      when spelt_coupled then '{spelling_cause}'
      when near_coupled and has_id and near_has_id then '{other_id_cause}'
      when near_coupled then '{missing_cause}'
      when visits and caught - said_at <= {twin} and content = said_content then 'twin'
      else '{none_cause}'
    end as cause,
    joins and accepted and case
      when has_id then nth_accepted = 1 and not mirror
      else not (has_height and side = -1 and coalesce(caught - fell_to <= {window}, false))
    end as counted,
    {hour} as hour
  from near v
),
{chains},
later as (
  select {hour} as later_hour, name as later_name, count(*) as later
  from chains group by {hour}, name
),
cells as (
  select hour, name,
    {sums},
    sum(case when joins and side = 1 and paired and not again then 1 else 0 end) as paired,
    sum(case when counted then 1 else 0 end) as counted,
    sum(case when has_id and nth = 1 and one_visitor <> other_visitor then 1 else 0 end) as reused,
    sum(case when {half} and currency = server_currency
      and abs(value - server_value) > {tolerance} then 1 else 0 end) as values_differ,
    sum(case when {half} and currency <> server_currency and currency <> ''
      and server_currency <> '' then 1 else 0 end) as currencies_differ
  from caused group by hour, name
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
    sum(c.paired) as paired, sum(c.counted) + sum(coalesce(r.later, 0)) as counted,
    sum(c.reused) as reused, sum(c.values_differ) as values_differ,
    sum(c.currencies_differ) as currencies_differ
  from cells c
  left join later r on r.later_hour = c.hour and r.later_name = c.name
  cross join levels l
  where l.named = 0 or c.name <> ''
  group by l.period, l.named, {bucket}, case when l.named = 1 then c.name else '' end
),
-- Nearest rank: the least lag that at least so many per cent are not above.
lags as (
  select hour, name, server_at - browser_at as lag_ms, count(*) as pairs
  from caused where {half} group by hour, name, server_at - browser_at
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
