{{- /* The name of an image, of a dict with `root`, `image` and, for our own images, no tag. */ -}}
{{- define "heavylift.image" -}}
{{- $registry := .image.registry | default .root.Values.global.imageRegistry -}}
{{- $tag := .image.tag | default .root.Chart.AppVersion -}}
{{- with $registry }}{{ . | trimSuffix "/" }}/{{ end -}}
{{- .image.repository -}}
{{- with .image.digest }}@{{ . }}{{ else }}:{{ $tag }}{{ end -}}
{{- end -}}
