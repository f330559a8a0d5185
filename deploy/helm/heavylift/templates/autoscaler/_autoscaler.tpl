{{- define "heavylift.autoscaler.isThere" -}}
{{- if ne .Values.autoscaling.engine "none" }}yes{{ end -}}
{{- end -}}

{{- define "heavylift.autoscaler.serviceAccount" -}}
{{ include "heavylift.serviceAccount" (dict "made" (include "heavylift.autoscaler.name" .) "values" .Values.autoscaler) }}
{{- end -}}

{{- /* Where KEDA asks, and the Secret with the token by which it is known. */ -}}
{{- define "heavylift.keda.port" -}}9103{{- end -}}
{{- define "heavylift.keda.secret" -}}
{{- .Values.autoscaling.keda.existingSecret | default (include "heavylift.keda.name" .) -}}
{{- end -}}

{{- /* The names of the pools whose number of pods an engine decides, as JSON. */ -}}
{{- define "heavylift.autoscaler.pools" -}}
{{- $names := list -}}
{{- range (include "heavylift.pools" . | fromJson).names -}}
{{- $values := include "heavylift.pool" (dict "root" $ "pool" .) | fromJson -}}
{{- if include "heavylift.pool.isScaled" (dict "root" $ "values" $values) }}{{ $names = append $names . }}{{ end -}}
{{- end -}}
{{- dict "names" $names | toJson -}}
{{- end -}}

{{- /* What is promised of those pools, as the autoscaler reads it: JSON. */ -}}
{{- define "heavylift.autoscaler.promises" -}}
{{- $promises := list -}}
{{- range $pool := (include "heavylift.autoscaler.pools" . | fromJson).names -}}
{{- $values := include "heavylift.pool" (dict "root" $ "pool" $pool) | fromJson -}}
{{- $scaling := $values.scaling -}}
{{- $known := dict "name" $pool "deployment" (include "heavylift.worker.name" (dict "root" $ "pool" $pool)) -}}
{{- $_ := set $known "queues" (include "heavylift.pool.queues" $values | fromJson).names -}}
{{- $_ := set $known "minimum" $scaling.minReplicas -}}
{{- $_ := set $known "maximum" $scaling.maxReplicas -}}
{{- $_ := set $known "wait" $scaling.wait -}}
{{- $_ := set $known "utilisation" $scaling.utilisation -}}
{{- $_ := set $known "calm" $scaling.calm -}}
{{- $_ := set $known "tolerance" $scaling.tolerance -}}
{{- $promises = append $promises (printf "%s, \"slots\": {%s}}" ($known | toJson | trimSuffix "}") (include "heavylift.pool.slots" $values)) -}}
{{- end -}}
[{{ join ", " $promises }}]
{{- end -}}

{{- /* The queues of a pool, without their weights, as JSON. */ -}}
{{- define "heavylift.pool.queues" -}}
{{- $names := list -}}
{{- range dig "queues" (list "default") .settings }}{{ $names = append $names (splitList "=" . | first) }}{{ end -}}
{{- dict "names" $names | toJson -}}
{{- end -}}

{{- /* Tasks that a pod runs side by side, by kind of child, in the order in which a worker has them: its first kind runs what no other does. */ -}}
{{- define "heavylift.pool.slots" -}}
{{- $threads := mul (dig "threadChildren" 0 .settings) (dig "threads" 16 .settings) -}}
{{- $asyncio := mul (dig "asyncioChildren" 1 .settings) (dig "coroutines" 1000 .settings) -}}
{{- $slots := list -}}
{{- range list (list "process" (int (dig "concurrency" 2 .settings))) (list "threads" $threads) (list "asyncio" $asyncio) -}}
{{- if last . }}{{ $slots = append $slots (printf "%q: %d" (first .) (last .)) }}{{ end -}}
{{- end -}}
{{- join ", " $slots -}}
{{- end -}}
