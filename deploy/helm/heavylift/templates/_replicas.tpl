{{- /*
How many pods a Deployment is told to have, as YAML of `replicas` and `note`, an annotation for the next upgrade. Of a dict with `root`,
`name` of the Deployment, `replicas` of the values, and `scaled`, not empty where something else decides.

An upgrade neither sets back what was scaled meanwhile, by hand or by an engine, nor changes the number when another engine takes over. So
`replicas` counts when a Deployment is made, and when it is another than last time. Where something else decides, the number is
left out, unless it is Helm's from before: Kubernetes takes one that goes for 1.
*/ -}}
{{- define "heavylift.replicas" -}}
{{- $live := lookup "apps/v1" "Deployment" .root.Release.Namespace .name -}}
{{- $told := dig "metadata" "annotations" "heavylift/replicas" "" $live -}}
{{- $replicas := .replicas -}}
{{- $note := toString .replicas -}}
{{- if and .scaled (or (not $live) (hasSuffix "left out" $told) (not (include "heavylift.replicas.areHelms" $live))) -}}
  {{- $replicas = "" -}}
  {{- $note = printf "%v, left out" .replicas -}}
{{- else if and $live (or .scaled (eq (trimSuffix ", left out" $told) (toString .replicas))) -}}
  {{- $replicas = $live.spec.replicas -}}
{{- end -}}
replicas: {{ $replicas }}
note: {{ $note | quote }}
{{- end -}}

{{- /* Whether the number of a Deployment would go with Helm's word for it: not where Helm applies on the server and somebody else has set it. */ -}}
{{- define "heavylift.replicas.areHelms" -}}
{{- $applied := false -}}
{{- $replicas := false -}}
{{- range .metadata.managedFields -}}
  {{- if and (eq .operation "Apply") (eq .manager "helm") (not .subresource) -}}
    {{- $applied = true -}}
    {{- $replicas = hasKey (dig "f:spec" dict .fieldsV1) "f:replicas" -}}
  {{- end -}}
{{- end -}}
{{- if or $replicas (not $applied) }}yes{{ end -}}
{{- end -}}
