{{- /* Labels of an object, of a dict with `root` and `component`, and for workers `pool`. */ -}}
{{- define "heavylift.labels" -}}
{{ include "heavylift.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* The labels by which pods are found. They never change, for a selector cannot. */ -}}
{{- define "heavylift.selector" -}}
app.kubernetes.io/name: {{ include "heavylift.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
heavylift/pool: {{ . }}
{{- end }}
{{- end -}}

{{- /* Labels of pods: those that find them, and the user's. The version is left out, so that it alone restarts nothing. */ -}}
{{- define "heavylift.podLabels" -}}
{{ include "heavylift.selector" . }}
{{- with .root.Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}
