from django.urls import include, path

from crm.shops.views import audit, home, invitation, keys, settings, staff

settings_urls = [
    path("", settings.index, name="index"),
    path("shop/", settings.shop, name="shop"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<int:membership_id>/role/", staff.change_role, name="role"),
    path("staff/<int:membership_id>/remove/", staff.remove, name="remove"),
    path("invitations/<int:invitation_id>/resend/", staff.resend, name="resend"),
    path("invitations/<int:invitation_id>/link/", staff.make_link, name="invitation-link"),
    path("invitations/<int:invitation_id>/revoke/", staff.revoke, name="revoke"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:key_id>/rotate/", keys.rotate, name="key-rotate"),
    path("keys/<int:key_id>/revoke/", keys.revoke, name="key-revoke"),
    path("security/", settings.security, name="security"),
    path("security/require/", settings.require_two_steps, name="require-two-steps"),
    path("two-step/", settings.two_step, name="two-step"),
    path("security/leave/", settings.leave, name="leave"),
    path("audit/", audit.audit, name="audit"),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("shops/new/", home.new_shop, name="shop-new"),
    path("invitations/<slug:shop_slug>/<str:token>/", invitation.by_mail, name="invitation"),
    path("invitations/<slug:shop_slug>/link/<str:token>/", invitation.by_link, name="invitation-link"),
    path("s/<slug:shop_slug>/settings/", include((settings_urls, "settings"))),
]
