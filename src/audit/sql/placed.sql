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
-- Nulls settled, match keys as bits. Rows that cannot join are spread over partitions by
-- their own hash.
told as (
  select coalesce(nullif(f.pixel, ''), m.assumed) as pixel,
    coalesce(nullif(f.pixel, ''), m.assumed) = m.main as on_main,
    coalesce(f.name, '') as name,
    f.name is not null and not f.automatic as joins,
    f.id is not null as has_id, coalesce(f.id, cast(f.tie as string)) as who,
    case when f.channel = 'browser' then 1 else -1 end as side,
    f.automatic as automatic, f.accepted as accepted,
    coalesce(f.caught, 0) as caught, f.tie as tie, f.id_fold as id_fold,
    f.visitor as visitor, f.content as content,
    f.value as value, coalesce(f.currency, '') as currency,
    {key_bits} as keys,
    {valid_bits} as valid
  from {facts} f cross join main m
),
-- What stands under one event ID, name and pixel.
seen as (
  select t.*, {hour} as hour,
    row_number() over ({by_arrival}) as nth,
    sum(case when joins and side = 1 then 1 else 0 end) over ({by_arrival} {up_to_here}) as nth_browser,
    sum(case when joins and side = -1 then 1 else 0 end) over ({by_arrival} {up_to_here}) as nth_server,
    sum(case when joins and accepted and side = 1 then 1 else 0 end)
      over ({by_arrival} {up_to_here}) as accepted_browser,
    sum(case when joins and accepted and side = -1 then 1 else 0 end)
      over ({by_arrival} {up_to_here}) as accepted_server,
    min(case when joins and side = 1 then caught end) over ({by_arrival} {of_all}) as browser_at,
    min(case when joins and side = -1 then caught end) over ({by_arrival} {of_all}) as server_at,
    min(case when joins and visitor <> 0 then visitor end) over ({by_arrival} {of_all}) as one_visitor,
    max(case when joins and visitor <> 0 then visitor end) over ({by_arrival} {of_all}) as other_visitor,
    min(case when joins and accepted then caught end) over ({by_arrival} {of_all}) as counted_from,
    max(case when joins and accepted then caught end) over ({by_arrival} {of_all}) as counted_to,
    max(case when side = 1 then 1 else 0 end) over ({by_arrival} {of_all}) as on_browser,
    max(case when side = -1 then 1 else 0 end) over ({by_arrival} {of_all}) as on_server
  from told t
),
stands as (
  select hour, name, pixel, on_main, who, has_id, joins, side, automatic, accepted, caught, tie,
    id_fold, visitor, content, value, currency, keys, valid, browser_at, server_at,
    counted_from, counted_to, on_browser, on_server,
    nth = 1 as first_of_all,
    nth = 1 and one_visitor <> other_visitor as reused,
    accepted_browser + accepted_server as nth_accepted,
    joins and case when side = 1 then nth_browser else nth_server end = 1 as first_on_side,
    has_id and joins and accepted
      and case when side = 1 then accepted_browser else accepted_server end > 1 as again,
    has_id and browser_at is not null and server_at is not null
      and abs(server_at - browser_at) <= {window} as paired
  from seen
),
placed as {kept}(
  select s.*, joins and not again and not paired as alone{once}
  from stands s
)
