# requires: django==5.2.19
# answers: [200, "1 of 2", "<b>x</b>"]
import django
from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x", USE_TZ=True)
django.setup()


def view(request):
    return HttpResponse("1 of 2")


urlpatterns = [path("", view)]


def handler(event, context):
    from django.core.handlers.wsgi import WSGIHandler

    answer = WSGIHandler().get_response(RequestFactory().get("/"))
    text = Engine().from_string("<b>{{ a }}</b>").render(Context({"a": "x"}))
    return [answer.status_code, answer.content.decode(), text]
