-- What countonce {version} heard of facts of format {format}: events by side, pixel, name and
-- by what the rules on single events say of them. Times are Unix milliseconds.
select {findings_format} as countonce_findings, channel, pixel, name, refusal, offences,
  count(*) as events, min(caught) as first_caught, max(caught) as last_caught,
  sum(case when caught is null then 1 else 0 end) as without_time
from {facts}
group by channel, pixel, name, refusal, offences
order by channel, pixel, name, refusal, offences
