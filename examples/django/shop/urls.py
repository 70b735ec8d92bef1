from django.urls import path

from . import views

urlpatterns = [
    path("", views.home),
    path("checkout", views.checkout),
    path("order", views.order),
    path("thank-you/<int:number>", views.thank_you),
]
