with joining as (
  select *, row_number() over (
    partition by pixel, name, id, channel, accepted
    order by caught
  ) as nth
  from {facts}
  where name is not null and id is not null and not automatic
),
identities as (
  select pixel, name, id,
    min(case when channel = 'browser' then caught end) as browser_at,
    min(case when channel = 'server' then caught end) as server_at
  from joining
  group by pixel, name, id
),
placed as (
  select j.channel, j.name, j.accepted and j.nth > 1 as again,
    i.browser_at is not null and i.server_at is not null
      and abs(i.server_at - i.browser_at) <= {window} as paired
  from joining j
  join identities i
    on j.id = i.id and j.name = i.name
    and (j.pixel = i.pixel or (j.pixel is null and i.pixel is null))
)
select name,
  sum(case when channel = 'browser' and paired and not again then 1 else 0 end) as paired,
  sum(case when channel = 'browser' and again then 1 else 0 end) as browser_repeats,
  sum(case when channel = 'server' and again then 1 else 0 end) as server_repeats
from placed
group by name
order by name
