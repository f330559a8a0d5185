{{- /*
How the API and the workers find the store: the chart's Redis or one outside. All of a dict with `root` and `user`, as whom they come.
Passwords are files that are read for each connection, so that one that is changed counts without a restart.
*/ -}}

{{- define "heavylift.environment.store" -}}
{{- $external := .root.Values.externalRedis -}}
{{- if .root.Values.redis.enabled -}}
- name: HEAVYLIFT_STORE_URL
  value: {{ include "heavylift.redis.url" . }}
- name: HEAVYLIFT_STORE_PASSWORD_FILE
  value: /etc/heavylift/redis/password
{{- if include "heavylift.redis.isFoundBySentinels" .root }}
- name: HEAVYLIFT_STORE_SENTINEL_USERNAME
  value: {{ .user }}
- name: HEAVYLIFT_STORE_SENTINEL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ include "heavylift.redis.secret" .root }}, key: {{ .user }}}}
{{- end }}
{{- else -}}
- name: HEAVYLIFT_STORE_URL
  {{- if $external.urlKey }}
  valueFrom: {secretKeyRef: {name: {{ $external.existingSecret }}, key: {{ $external.urlKey }}}}
  {{- else }}
  value: {{ $external.url | quote }}
  {{- end }}
{{- if $external.passwordKey }}
- name: HEAVYLIFT_STORE_PASSWORD_FILE
  value: /etc/heavylift/redis/password
{{- end }}
{{- with $external.sentinelUsername }}
- name: HEAVYLIFT_STORE_SENTINEL_USERNAME
  value: {{ . | quote }}
{{- end }}
{{- if $external.sentinelPasswordKey }}
- name: HEAVYLIFT_STORE_SENTINEL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ $external.existingSecret }}, key: {{ $external.sentinelPasswordKey }}}}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Whether the API and the workers come to the chart's Redis through HAProxy, or ask its sentinels. */ -}}
{{- define "heavylift.redis.isBehindHaproxy" -}}
{{- if and .Values.redis.haproxy.enabled .Values.redis.haproxy.forAll }}yes{{ end -}}
{{- end -}}

{{- define "heavylift.redis.isFoundBySentinels" -}}
{{- if and (gt (int .Values.redis.replicas) 1) (not (include "heavylift.redis.isBehindHaproxy" .)) }}yes{{ end -}}
{{- end -}}

{{- /* The URL of the chart's Redis, as this user. */ -}}
{{- define "heavylift.redis.url" -}}
{{- $tls := .root.Values.redis.tls.enabled -}}
{{- $scheme := ternary "rediss" "redis" $tls -}}
{{- if include "heavylift.redis.isFoundBySentinels" .root -}}
{{ $scheme }}+sentinel://{{ .user }}@{{ include "heavylift.redis.sentinels" .root }}/heavylift/0
{{- else if include "heavylift.redis.isBehindHaproxy" .root -}}
{{ $scheme }}://{{ .user }}@{{ include "heavylift.haproxy.name" .root }}:6379/0
{{- else -}}
{{ $scheme }}://{{ .user }}@{{ include "heavylift.redis.host" (dict "root" .root "ordinal" 0) }}:6379/0
{{- end -}}
{{- if $tls }}?ssl_ca_certs=/etc/heavylift/redis-tls/ca.crt&ssl_check_hostname=false{{ end -}}
{{- end -}}

{{- /* Annotations that make pods anew when the password that they were started with, that for the sentinels, is another. */ -}}
{{- define "heavylift.store.checksum" -}}
{{- if and .root.Values.redis.enabled (not .root.Values.redis.auth.existingSecret) (include "heavylift.redis.isFoundBySentinels" .root) -}}
checksum/password: {{ index (include "heavylift.redis.passwords" .root | fromJson) .user | sha256sum }}
{{- end }}
{{- end -}}

{{- define "heavylift.store.volumes" -}}
{{- $external := .root.Values.externalRedis -}}
{{- if .root.Values.redis.enabled -}}
- name: redis-password
  secret: {secretName: {{ include "heavylift.redis.secret" .root }}, items: [{key: {{ .user }}, path: password}]}
{{- if .root.Values.redis.tls.enabled }}
- name: redis-tls
  secret: {secretName: {{ include "heavylift.redis.tlsSecret" .root }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- else -}}
{{- if $external.passwordKey -}}
- name: redis-password
  secret: {secretName: {{ $external.existingSecret }}, items: [{key: {{ $external.passwordKey }}, path: password}]}
{{- end }}
{{- with $external.tlsSecret }}
- name: redis-tls
  secret: {secretName: {{ . }}}
{{- end }}
{{- end }}
{{- end -}}

{{- define "heavylift.store.volumeMounts" -}}
{{- $external := .root.Values.externalRedis -}}
{{- if or .root.Values.redis.enabled $external.passwordKey -}}
- {name: redis-password, mountPath: /etc/heavylift/redis, readOnly: true}
{{- end }}
{{- if ternary .root.Values.redis.tls.enabled (not (empty $external.tlsSecret)) .root.Values.redis.enabled }}
- {name: redis-tls, mountPath: /etc/heavylift/redis-tls, readOnly: true}
{{- end }}
{{- end -}}
