kinds as (select distinct event from {books}),
told as (
  select f.name as name, nullif(f.pixel, '') as pixel, coalesce(f.id, '') as id,
    f.visitor as visitor, coalesce(f.caught, 0) as caught,
    case when f.channel = 'browser' then 1 else -1 end as side, f.accepted as accepted,
    f.order_key as order_key, f.value as value, coalesce(f.currency, '') as currency, f.tie as tie
  from {facts} f join kinds k on k.event = f.name
  where not f.automatic
),
only_pixel as (
  select coalesce(case when min(pixel) = max(pixel) then min(pixel) end, '') as assumed from told
),
-- The order of an event: the one of its order_id, else the one whose number is its ID, else
-- the one whose number is what stands before or after a sign within its ID.
shapes as (select distinct order_key, id from told),
digits as (
  select 0 as digit union all select 1 union all select 2 union all select 3 union all select 4
  union all select 5 union all select 6 union all select 7 union all select 8 union all select 9
),
spots as (select a.digit * 10 + b.digit + 1 as spot from digits a cross join digits b),
signs as (
  select s.order_key as order_key, s.id as id, p.spot as spot
  from shapes s join spots p on p.spot <= length(s.id) and p.spot <= {longest}
  where not (substr(s.id, p.spot, 1) between '0' and '9'
    or substr(s.id, p.spot, 1) between 'A' and 'Z' or substr(s.id, p.spot, 1) between 'a' and 'z')
),
parts as (
  select order_key, id, 2 * spot as turn, substr(id, 1, spot - 1) as part
  from signs where spot > {shortest}
  union all
  select order_key, id, 2 * spot + 1, substr(id, spot + 1)
  from signs where length(id) - spot >= {shortest}
),
candidates as (
  select s.order_key as order_key, s.id as id, 0 as turn, b.place as place
  from shapes s join {books} b on b.order_key = s.order_key where s.order_key <> 0
  union all
  select s.order_key, s.id, 1, b.place
  from shapes s join {books} b
    on b.number = case when substr(s.id, 1, 1) = '#' then substr(s.id, 2) else s.id end
  union all
  select p.order_key, p.id, p.turn, b.place from parts p join {books} b on b.number = p.part
),
turns as (
  select c.*, row_number() over (partition by order_key, id order by turn, place) as nth
  from candidates c
),
telling as {kept}(
  select t.name as name, coalesce(t.pixel, o.assumed) as pixel, t.caught as caught, t.side as side,
    t.accepted as accepted, t.value as value, t.currency as currency, t.tie as tie,
    coalesce(m.place, {no_place}) as place,
    case when t.id <> '' then 2 when t.visitor <> 0 then 1 else 0 end as kind,
    case when t.id <> '' then t.id when t.visitor <> 0 then cast(t.visitor as string)
      else cast(t.tie as string) end as who{once}
  from told t cross join only_pixel o
  left join (select order_key, id, place from turns where nth = 1) m
    on m.order_key = t.order_key and m.id = t.id
)
