ordered as (
  select t.*,
    min(caught) over ({identity}) as counted_from, max(caught) over ({identity}) as counted_to,
    row_number() over ({identity}, caught order by side desc, place, tie) as nth_then,
    lag(side) over ({identity} order by caught, side desc, place, tie) as side_before,
    lag(caught) over ({identity} order by caught, side desc, place, tie) as caught_before
  from {telling} t where accepted
),
{chains},
-- A conversion begins with the first copy of an ID, and again after the window; without an ID
-- with every event but a server event that falls to the browser event before it.
begun as (
  select o.*,
    case when kind = 2 then nth_then = 1 and (o.caught = o.counted_from or c.caught is not null)
      else not coalesce(kind = 1 and side = -1 and side_before = 1
        and o.caught - caught_before <= {window}, false) end as begins
  from ordered o
  left join chains c on o.kind = 2 and c.who = o.who and c.name = o.name and c.pixel = o.pixel
    and c.caught = o.caught
),
counted_up as (
  select b.*, sum(case when begins then 1 else 0 end)
    over ({identity} order by caught, side desc, place, tie {up_to_here}) as conversion
  from begun b
),
known_first as (
  select name, place, row_number() over ({identity}, conversion
    order by case when place = {no_place} then 1 else 0 end, caught, side desc, place, tie) as nth
  from counted_up
),
conversions as (select name, place from known_first where nth = 1),
counted as (select place, count(*) as times from conversions group by place),
-- What events say of amounts where the books say another.
disputes as (
  select t.place as place,
    case when abs(b.value - t.value) > {tolerance} then t.value end as told_value,
    row_number() over (partition by t.place order by t.caught, t.side desc, t.tie) as nth
  from {telling} t join {books} b on b.place = t.place
  where t.accepted and (abs(b.value - t.value) > {tolerance}
    or (t.currency <> '' and upper(trim(t.currency)) <> upper(trim(b.currency))))
),
span as (select min(caught) as first_caught, max(caught) as last_caught from {telling}),
settled as (
  select b.event as event, b.place as place, b.id as id, b.value as value,
    b.currency as currency, coalesce(c.times, 0) as times,
    coalesce(b.ordered_at is null
      or (b.ordered_at >= s.first_caught and b.ordered_at <= s.last_caught), false) as covered,
    d.place is not null as disputed, d.told_value as told_value
  from {books} b cross join span s
  left join counted c on c.place = b.place
  left join (select place, told_value from disputes where nth = 1) d on d.place = b.place
),
by_event as (
  select event,
    sum(case when times > 0 or covered then 1 else 0 end) as orders,
    sum(case when times = 0 and not covered then 1 else 0 end) as outside,
    sum(case when times = 1 then 1 else 0 end) as counted_once,
    sum(case when times = 0 and covered then 1 else 0 end) as missing,
    sum(case when times > 1 then 1 else 0 end) as more_than_once,
    sum(case when times > 1 then times - 1 else 0 end) as copies,
    sum(case when disputed then 1 else 0 end) as other_amount,
    min(case when times = 0 and covered then place end) as missing_place,
    min(case when disputed then place end) as disputed_place
  from settled group by event
),
orderless as (
  select name, count(*) as without_order from conversions where place = {no_place} group by name
),
heard as (select name, count(*) as events from {telling} group by name)
select {orders_format} as countonce_orders, e.event as event,
  cast(coalesce(h.events, 0) as bigint) as events, cast(e.orders as bigint) as orders,
  cast(e.outside as bigint) as outside, cast(e.counted_once as bigint) as counted_once,
  cast(e.missing as bigint) as missing, cast(e.more_than_once as bigint) as more_than_once,
  cast(e.copies as bigint) as copies, cast(e.other_amount as bigint) as other_amount,
  cast(coalesce(w.without_order, 0) as bigint) as without_order,
  m.id as missing_example, d.told_value as told_value, d.value as books_value,
  d.currency as books_currency
from by_event e
left join heard h on h.name = e.event
left join orderless w on w.name = e.event
left join settled m on m.place = e.missing_place
left join settled d on d.place = e.disputed_place
order by e.event
